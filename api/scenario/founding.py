"""What a log begins with before a story: its genesis, who is registered, calendars, the pool, the committee."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from api.scenario.cast import FOUNDERS, OFFICIALS, Cast
from api.scenario.stand_ins import STAND_INS
from api.scenario.written import text
from ledger.identifiers import parse_uscc
from ledger.regulation.pack import Pack
from ledger.regulation.shipped import SeedCalendar, seed_calendars
from ledger.regulation.tables import Seats

#: The next year's calendar is published on this day of the simulated year (month, day).
_CALENDAR_DAY = (12, 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Implied:
    """An act that a story implies: ``on`` None is the day on which the story starts, ``where`` what implies it."""

    do: str
    members: Mapping[str, object]
    by: str | None = None
    with_: tuple[str, ...] | None = None
    on: date | None = None
    where: str = "scenario"


def _stand_in(principal: str) -> str:
    return STAND_INS["person"].format(principal=principal)


class Founding:
    """The acts of a cast that come before its story, each in its order."""

    def __init__(
        self,
        cast: Cast,
        pack: Pack,
        *,
        called: Callable[[str], str] = _stand_in,
        calendars: Callable[[], Mapping[int, SeedCalendar]] = seed_calendars,
    ) -> None:
        """``called`` gives a person's name; ``calendars`` are all years that may be published."""
        self._cast = cast
        self._pack = pack
        self._called = called
        self._calendars = calendars
        self._published: set[int] = set()

    def log(self) -> Iterator[Implied]:
        """The genesis, and everybody who is named from the start, with roles and keys."""
        yield self._genesis()
        for person in self._cast.persons():
            yield from self.enrolled(person, "person")
        yield from self.enrolled("pub", "pseudonym")
        for org, declared in self._cast.scenario.organisations.items():
            yield from self.enrolled(org, "organisation", declared)

    def reviewers(self) -> Iterator[Implied]:
        """The reviewers come into the pool."""
        for reviewer, declared in self._cast.scenario.reviewers.items():
            told = {k: v for k, v in declared.items() if k != "leader"}
            yield Implied(
                do="ReviewerQualified", members={"reviewer_id": reviewer, **told}, where=f"reviewers.{reviewer}"
            )

    def committee(self) -> Implied:
        """The chair, as many vice chairs as the text wants, and the members: of every group that the text names."""
        seats = self._pack.parameter("committee.seats").value
        vices = seats.vice if isinstance(seats, Seats) else 0
        committee = self._cast.scenario.committee
        others = [*committee, *(n for n in ("sech", "dep") if len(committee) < vices)]
        named = [("chr", "chair"), *((n, "vice" if i < vices else "member") for i, n in enumerate(others))]
        groups = self._pack.parameter("committee.composition").words
        capacities = ["department", *(g for g in groups if g != "department"), *("expert" for _ in named)]
        members = [{"principal_id": n, "seat": s, "capacity": c} for (n, s), c in zip(named, capacities, strict=False)]
        return Implied(
            do="BodyConstituted",
            members={"kind": "committee", "body_id": "committee", "members": members},
            where="committee",
        )

    def calendars(self, day: date) -> Iterator[Implied]:
        """Calendars known by a day and not given out yet: every year up to the current one, and the next from 1
        December on.
        """
        starts = self._cast.scenario.starts
        known = day.year + (1 if (day.month, day.day) >= _CALENDAR_DAY else 0)
        for year in sorted(set(self._calendars()) - self._published):
            if year > known or year < starts.year - 1:
                continue
            self._published.add(year)
            seed = self._calendars()[year]
            members = {
                "year": year,
                "holidays": list(seed.holidays),
                "makeup_workdays": list(seed.makeup_workdays),
                "source_doc_no": seed.source,
            }
            yield Implied(do="CalendarPublished", members=members, on=max(starts, date(year - 1, *_CALENDAR_DAY)))

    def enrolled(
        self, principal: str, kind: str, declared: Mapping[str, object] | None = None, on: date | None = None
    ) -> Iterator[Implied]:
        """A principal is registered, gets its roles, and its key; ``declared`` is what is said of an organisation."""
        where = f"organisations.{principal}" if declared is not None else principal
        members: dict[str, object] = {"principal_id": principal, "kind": kind}
        if declared is not None:
            members |= {
                "org_name": declared["name"],
                "org_form": declared.get("form", "enterprise"),
                **_of_org(declared),
            }
        elif kind == "person":
            members |= {
                "person_name": self._called(principal),
                "id_number": f"DEMO-ID-{principal}",
                "contact": f"DEMO-TEL-{principal}",
            }
        yield Implied(do="PrincipalRegistered", members=members, on=on, where=where)
        for role in self._cast.roles(principal):
            if role != "PUB":
                scope = {"scope": {"org": principal}} if role == "APP" else {}
                granter = "gov" if role in ("SECH", "COM", "CHR", "FIN", "SUP", "DIS", "OPR") else "sech"
                members = {"principal_id": principal, "role": role, **scope}
                yield Implied(do="RoleGranted", members=members, by=granter, on=on, where=where)
        key = self._cast.key(principal)
        members = {
            "principal_id": principal,
            "key_id": key.public.keyid,
            "public_key": key.public.raw.hex(),
            "valid_from": f"{self._cast.scenario.starts}T00:00:00+08:00",
            "valid_until": "2099-12-31T00:00:00+08:00",
        }
        yield Implied(do="KeyRegistered", members=members, by=principal, on=on, where=where)

    def _genesis(self) -> Implied:
        founders = [
            {
                "principal_id": name,
                "kind": "public_body",
                "role": OFFICIALS[name][0],
                "algorithm": "Ed25519",
                "key_id": self._cast.key(name).public.keyid,
                "public_key": self._cast.key(name).public.raw.hex(),
                "org_name": STAND_INS["founder"].format(jurisdiction=self._pack.jurisdiction, role=OFFICIALS[name][0]),
            }
            for name in FOUNDERS
        ]
        members = {
            "mode": self._cast.scenario.mode,
            "jurisdiction": self._pack.jurisdiction,
            "jurisdiction_code": self._pack.jurisdiction_code,
            "founders": founders,
        }
        return Implied(do="GenesisDeclared", members=members, by="opr", with_=("gov", "sech"))


def _of_org(declared: Mapping[str, object]) -> dict[str, object]:
    known = {k: declared[k] for k in ("sector", "reg_place", "established_on") if k in declared}
    return known | {"uscc": parse_uscc(text(declared["uscc"], "organisations.uscc"))}
