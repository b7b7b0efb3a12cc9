"""The third part of an edition: list, votes, public notice with its objections, the decision and the money."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date

from api.generate.case import Case, Setting, Winner
from api.generate.days import workdays_after
from api.generate.lines import Told, act
from api.generate.names import WORDS, phrase
from api.scenario.document import Act

#: Working days of a public notice: more than any text wants.
_NOTICE = 12
#: What each winner is handed, by the word of the text.
_OBJECTS = ("certificate", "plaque", "cup")


class Deciding:
    """From the candidate list to the closing of the edition."""

    def __init__(self, setting: Setting, cases: Sequence[Case], *, granted_before: frozenset[str]) -> None:
        """``cases`` are those of which the site was seen, the best first; ``granted_before`` who has won long ago."""
        self._setting = setting
        self._cases = list(cases)
        self._before = granted_before
        self._objections = 0

    def told(self, begins: date) -> Told[list[Winner]]:
        """Tell it; returns the winners."""
        s = self._setting
        listed = [c for c in self._cases if c.mean >= s.terms.lines[c.kind] + 1]
        best = self._best(listed)
        if not best:
            # With nobody left there is nothing to decide on; where nobody reached the line, the edition counts as none.
            yield self._closing(workdays_after(begins, 2), reason="cancelled" if self._cases else "completed")
            return []
        yield act(
            "CandidateListProposed",
            begins,
            edition=s.id,
            list_id=f"list-{s.id}",
            rows=[{"case": c.id, "award": c.kind, "score": str(c.mean)} for c in listed],
            not_listed=[c.id for c in self._cases if c not in listed],
        )
        day = yield from self._resolve(listed, best, workdays_after(begins, 3))
        best, day = yield from self._notice(best, workdays_after(day, 2))
        winners: list[Winner] = []
        if best:
            winners, day = yield from self._award(best, workdays_after(day, 1))
        if s.terms.says("panel.dissolves"):
            yield act("BodyDissolved", day, by="sech", body_id=f"panel-{s.id}", edition_id=s.id)
        yield self._closing(workdays_after(day, 4))
        return winners

    def _closing(self, on: date, reason: str = "completed") -> Act:
        return act("EditionClosed", on, edition_id=self._setting.id, reason=reason)

    def _best(self, listed: Sequence[Case]) -> list[Case]:
        """Who is to win: the best, as far as the places of kinds and sectors go."""
        terms, chosen = self._setting.terms, list[Case]()
        for case in listed:
            of_kind = sum(c.kind == case.kind for c in chosen)
            full = any(
                case.organisation.sector in sectors and sum(c.organisation.sector in sectors for c in chosen) >= most
                for sectors, most in terms.groups
            )
            if of_kind < terms.places[case.kind] and not full:
                chosen.append(case)
        return chosen

    def _resolve(self, listed: Sequence[Case], best: Sequence[Case], on: date) -> Told[date]:
        """The committee votes in writing, one member a day, and resolves on the day after, which is returned."""
        s = self._setting
        resolution = f"res-{s.id}"
        tally: dict[str, Counter[str]] = {case.id: Counter({"for": 0, "against": 0}) for case in listed}
        for later, person in enumerate(s.committee):
            day = workdays_after(on, later)
            for case in listed:
                recused = person != "chr" and s.rare.once_in(60, "member recused")
                yield from self._declare(case, person, day, recused=recused)
                vote = "recused" if recused else "for" if case in best or s.chances.happens(0.15) else "against"
                tally[case.id][vote] += 1
                cast = act("CommitteeVoteCast", day, by=person, case=case.id, vote=vote, resolution_ref=resolution)
                yield from s.mending.recorded(cast)
        resolved = workdays_after(on, len(s.committee))
        yield act(
            "CommitteeResolutionAdopted",
            resolved,
            subject="proposed_awardees",
            resolution_id=resolution,
            edition_id=s.id,
            present=list(s.committee),
            tally={case: dict(counted) for case, counted in tally.items()},
            approved=[{"case": c.id, "award": c.kind} for c in best],
            rejected=[c.id for c in listed if c not in best],
        )
        return resolved

    def _declare(self, case: Case, person: str, on: date, *, recused: bool) -> Told[None]:
        more: dict[str, object] = {}
        if recused:
            more = {"result": "conflict", "relation": "other", "details": phrase("conflict_details")}
        yield act("InterestDeclared", on, by=person, case=case.id, also=more)

    # Public notice and objections

    def _notice(self, best: list[Case], on: date) -> Told[tuple[list[Case], date]]:
        """Returns who is still to win, and the last day of notice and objections."""
        s = self._setting
        notice, cases = f"N-{s.id}", [c.id for c in best]
        ends = workdays_after(on, _NOTICE)
        yield act(
            "PublicNoticeOpened",
            on,
            edition=s.id,
            notice_id=notice,
            edition_id=s.id,
            cases=cases,
            promised_end=ends,
        )
        against = [c for c in best if s.rare.once_in(4, "objection")]
        raised: list[tuple[Case, str]] = []
        for case in against:
            raised.append((case, (yield from self._object(case, notice, workdays_after(on, 3)))))
        settled, out = ends, list[Case]()
        for case, objection in raised:
            upheld = s.rare.once_in(3, "objection upheld") and len(best) > len(out) + 1
            settled, fact = yield from self._settle(case, objection, workdays_after(on, 8), upheld=upheld)
            if upheld:
                out.append(case)
                yield act(
                    "CaseDisqualified",
                    settled,
                    case=case.id,
                    org=case.org,
                    ground="objection_upheld",
                    facts=[fact],
                )
        closed = workdays_after(ends, 1)
        yield act(
            "PublicNoticeClosed",
            closed,
            edition=s.id,
            notice_id=notice,
            edition_id=s.id,
            cases=cases,
            objections=len(raised),
        )
        yield from self._complaint(closed)
        return [c for c in best if c not in out], closed

    def _object(self, case: Case, notice: str, on: date) -> Told[str]:
        self._objections += 1
        objection = f"OB-{self._setting.id}-{self._objections}"
        yield act(
            "ObjectionRaised",
            on,
            by="pub",
            case=case.id,
            org=case.org,
            objection_id=objection,
            during_notice=notice,
            summary_public=self._setting.chances.one_of(WORDS["summary_public"]),
            complainant=phrase("complainant"),
            grounds=phrase("grounds"),
        )
        return objection

    def _settle(self, case: Case, objection: str, on: date, *, upheld: bool) -> Told[tuple[date, str]]:
        s = self._setting
        investigated = yield act(
            "ObjectionInvestigated",
            on,
            by="sec",
            case=case.id,
            org=case.org,
            objection_id=objection,
            investigators=["sec"],
            outcome="substantiated" if upheld else s.chances.one_of(("unsubstantiated", "not_verifiable")),
            findings=phrase("findings"),
        )
        day = workdays_after(on, 1)
        yield act(
            "ObjectionResolved",
            day,
            case=case.id,
            objection_id=objection,
            outcome="upheld" if upheld else "dismissed",
            measures=["disqualify"] if upheld else ["none"],
        )
        return day, investigated

    def _complaint(self, on: date) -> Told[None]:
        """Once in a while somebody complains about a reviewer; discipline inspection looks into it."""
        s = self._setting
        if not s.rare.once_in(4, "complaint"):
            return
        self._objections += 1
        objection = f"OB-{s.id}-{self._objections}"
        yield act(
            "ObjectionRaised",
            on,
            by="pub",
            edition_id=s.id,
            objection_id=objection,
            kind="complaint",
            target_kind="person",
            person=s.leader,
            summary_public=phrase("about_person"),
            complainant=phrase("complainant"),
        )
        yield act(
            "ObjectionInvestigated",
            on,
            by="dis",
            objection_id=objection,
            investigators=["dis"],
            outcome="unsubstantiated",
        )
        yield act("ObjectionResolved", on, objection_id=objection, outcome="dismissed")

    # Decision, award, money

    def _award(self, best: Sequence[Case], on: date) -> Told[tuple[list[Winner], date]]:
        s = self._setting
        approved = [{"case": c.id, "award": c.kind} for c in best]
        if "chair_review" in s.terms.words("approval.chain"):
            yield act(
                "CommitteeResolutionAdopted",
                on,
                subject="chair_review",
                resolution_id=f"chair-{s.id}",
                edition_id=s.id,
                approved=approved,
            )
        prizes = {c.id: s.terms.prize(c.kind, again=c.org in self._before) for c in best}
        decided = workdays_after(on, 3)
        yield act(
            "GovernmentDecisionMade",
            decided,
            edition=s.id,
            edition_id=s.id,
            subject="award",
            decision_id=f"DEC-{s.id}",
            approved=[{**item, "prize_amount": prizes[str(item["case"])]} for item in approved],
        )
        granted = workdays_after(decided, 3)
        for case in best:
            case.award_id = case.id.replace("/", "-")
            case.granted = yield act(
                "AwardGranted",
                granted,
                case=case.id,
                org=case.org,
                award=case.kind,
                award_id=case.award_id,
                decision_id=f"DEC-{s.id}",
            )
        day = workdays_after(granted, 1)
        yield from self._announce("circular", best, day)
        serials: dict[str, tuple[str, ...]] = {}
        for number, case in enumerate(best, 1):
            serials[case.id] = yield from self._hand_over(case, number, day)
        day = workdays_after(day, 2)
        for case in best:
            if prizes[case.id]:
                yield from s.mending.recorded(self._payment(case, prizes[case.id], day))
        yield from self._announce("award", best, day)
        won = [Winner(c.id, c.organisation, c.kind, c.award_id, granted, prizes[c.id], serials[c.id]) for c in best]
        return won, day

    def _announce(self, kind: str, best: Sequence[Case], on: date) -> Told[None]:
        yield act(
            "AnnouncementPublished",
            on,
            kind=kind,
            pub_id=f"{kind}-{self._setting.id}",
            edition_id=self._setting.id,
            about=[c.granted for c in best],
            awards=[c.award_id for c in best],
        )

    def _hand_over(self, case: Case, number: int, on: date) -> Told[tuple[str, ...]]:
        """Certificate, plaque and cup as the text has them; returns their numbers."""
        s = self._setting
        objects = [o for o in s.terms.words("objects_given") if o in _OBJECTS] or ["certificate"]
        serials = tuple(f"{s.id}-{number}-{n}" for n, _ in enumerate(objects, 1))
        yield act(
            "CertificateIssued",
            on,
            org=case.org,
            award_id=case.award_id,
            items=[{"kind": kind, "serial": serial} for kind, serial in zip(objects, serials, strict=True)],
        )
        return serials

    def _payment(self, case: Case, prize: int, on: date) -> Act:
        return act(
            "PrizePaid",
            on,
            by="fin1",
            org=case.org,
            award_id=case.award_id,
            amount=prize,
            fund_source=phrase("fund_source"),
            payee_account=f"6222-DEMO-{case.org}",
            payment_id=f"pay-{case.award_id}",
            voucher_no=f"V-{case.award_id}",
        )
