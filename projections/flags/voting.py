"""RF16: seats, votes and tallies."""

from __future__ import annotations

from datetime import timedelta

from ledger.derivation.history import LiveEvent
from ledger.events.edition import BodyConstituted
from ledger.events.evaluation import CommitteeResolutionAdopted, CommitteeVoteCast
from projections.flags.flag import Found, Hit, undated
from projections.flags.inspected import Inspected, before
from projections.sentences import sentence


def vote_irregular(v: Inspected) -> Found:
    """RF16: irregular vote (ZY17(5) JD五(四)2 HY10(5) GZ21)."""
    method = v.parameter("committee.method", v.live.on)
    votes = v.of(CommitteeVoteCast)
    for vote in votes:
        bodies = [
            e
            for e in v.live.of(BodyConstituted, kind="committee")
            if before(e, vote) and e.payload.edition_id in (None, v.edition)
        ]
        seated = {m.principal_id for m in bodies[-1].payload.members} if bodies else set()
        if vote.actor not in seated:
            yield Hit(
                ("case", vote.payload.case_id),
                "H",
                vote.on,
                (vote, *bodies[-1:]),
                *sentence("{actor} votes without a seat", actor=vote.actor),
                vote.payload.case_id,
                v.org(vote.payload.case_id),
                vote.actor,
                articles=method.why.articles,
            )
    seen: dict[tuple[str, str, str], LiveEvent] = {}
    for vote in votes:
        key = (vote.actor, vote.payload.case_id, vote.payload.resolution_ref)
        if key in seen:
            yield Hit(
                ("case", key[1]),
                "H",
                vote.on,
                (vote, seen[key]),
                *sentence("{actor} has two votes on {key}", actor=vote.actor, key=key[1]),
                key[1],
                v.org(key[1]),
                vote.actor,
                articles=method.why.articles,
            )
        seen[key] = vote
    for resolution in v.of(CommitteeResolutionAdopted, subject="proposed_awardees"):
        own = [e for e in votes if e.payload.resolution_ref == resolution.payload.resolution_id]
        yield from _tally(
            v,
            resolution,
            own,
            voting=method.stated and method.value in ("vote", "ballot"),
            articles=method.why.articles,
        )


def _tally(
    v: Inspected,
    resolution: LiveEvent[CommitteeResolutionAdopted],
    votes: list[LiveEvent[CommitteeVoteCast]],
    *,
    voting: bool,
    articles: tuple[str, ...],
) -> Found:
    # A tally names a case in full, or as its edition calls it.
    tallies = {n if "/" in n else f"{v.edition}/{n}": t for n, t in resolution.payload.tally.items()}
    for case in dict.fromkeys([*tallies, *(a.case for a in resolution.payload.approved)]):
        cast = [e for e in votes if e.payload.case_id == case]
        count = {word: sum(e.payload.vote == word for e in cast) for word in ("for", "against", "abstain", "recused")}
        tally = tallies.get(case)
        stated = (
            {"for": tally.for_, "against": tally.against, "abstain": tally.abstain, "recused": tally.recused}
            if tally
            else None
        )
        if stated is not None and stated != count:
            yield Hit(
                ("case", case),
                "H",
                resolution.on,
                (resolution, *cast),
                *sentence(
                    "the tally of {case} {stated} differs from the votes {count}",
                    case=case,
                    stated=_counted(stated),
                    count=_counted(count),
                ),
                case,
                v.org(case),
                articles=articles,
            )
        if voting and not cast:
            yield Hit(
                ("case", case),
                "H",
                resolution.on,
                (resolution,),
                *sentence("{case} was approved without a vote", case=case),
                case,
                v.org(case),
                articles=articles,
            )
    doubted = [(e, doubt) for e in votes if (doubt := v.doubt(e)) is not None]
    yield from (undated(*one) for one in doubted)
    times = sorted(e.recorded.recorded_at for e in votes)
    span = timedelta(seconds=v.audit("panel.burst_seconds"))
    if not doubted and len({e.actor for e in votes}) >= 3 and times[-1] - times[0] <= span:
        yield Hit(
            ("edition", v.edition),
            "H",
            resolution.on,
            (resolution, *votes),
            *sentence("{votes} votes recorded within {seconds} seconds", votes=len(votes), seconds=span.seconds),
            articles=articles,
            thresholds={"panel.burst_seconds": span.seconds},
        )


def _counted(count: dict[str, int]) -> str:
    return "/".join(str(n) for n in count.values())
