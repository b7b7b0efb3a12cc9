"""What a log calls those whom an answer is about, as people call them: by name, with the number that commands take.

Natural persons have no name in clear in a log: they are called by their role, and by the id under which they act.
"""

from __future__ import annotations

from datetime import date
from functools import cached_property
from typing import TypeVar

from api.inspector.labels import said
from api.sentences import sentence
from ledger.dcb import DCBQuery, DCBQueryItem
from ledger.errors import NotFoundError
from ledger.events.application import ApplicationFiled
from ledger.events.decision import AwardGranted
from ledger.events.identity import GenesisDeclared, RoleGranted
from ledger.events.registry import Payload, topics
from ledger.sentences import Pair
from projections.public_pages import Corner, OrganisationNames
from projections.slices import Source, payloads

P = TypeVar("P", bound=Payload)


class Names:
    """What those are called whom an answer names: as they are, where no log says otherwise."""

    def principal(self, name: str, role: str | None = None) -> Pair:
        """An organisation by its name, a person by a role: the one in which it acted, or its first."""
        return _alike(name)

    def is_principal(self, name: str) -> bool:
        """Is it the id of an organisation or a person?"""
        return False

    def case(self, name: str) -> Pair:
        """A case by its applicant, with its number."""
        return _alike(name)

    def award(self, name: str) -> Pair:
        """An award by who won it, with its number."""
        return _alike(name)

    def subject(self, kind: str, name: str) -> Pair:
        """A subject that facts are about, by its kind."""
        match kind:
            case "org":
                return self.principal(name)
            case "case":
                return self.case(name)
            case "award":
                return self.award(name)
            case _:
                return _alike(name)

    def position(self, event: str) -> int | None:
        """The position of an entry; None where it is not known."""
        return None

    def text(self, reference: str) -> Pair:
        """A version of a text, such as ``ZY@draft#1``, by its title."""
        return _alike(reference)

    def text_of(self, pack: str) -> Pair:
        """The text that is cited under the name of its pack, such as ``ZY``: its newest version."""
        return _alike(pack)

    def in_sentence(self, text: str) -> str:
        """A sentence in which cases are called by their applicants too."""
        return text


class LogNames(Names):
    """Names of a log as known at a position, and as they were on a day; read when first asked."""

    def __init__(self, source: Source, known: int, on: date = date.max) -> None:
        self._source = source
        self._known = known
        self._on = on

    def principal(self, name: str, role: str | None = None) -> Pair:
        if name in self._organisations:
            return _alike(self._organisations[name])
        role = role or self._roles.get(name)
        return _alike(name) if role is None else sentence("{role} {name}", role=said(role, "role"), name=name)

    def is_principal(self, name: str) -> bool:
        return name in self._organisations or name in self._roles

    def founder(self, key_id: str) -> str | None:
        """Who founded the log with a key; None where nobody did."""
        founders = (f for p in self._acts(GenesisDeclared) for f in p.founders)
        return next((f.principal_id for f in founders if f.key_id == key_id), None)

    def case(self, name: str) -> Pair:
        return self._with_number(name, self._applicants.get(name))

    def award(self, name: str) -> Pair:
        return self._with_number(name, self._winners.get(name))

    def position(self, event: str) -> int | None:
        try:
            return self._source.event(event).position
        except NotFoundError:
            return None

    def text(self, reference: str) -> Pair:
        return self._titles.get(reference, _alike(reference))

    def text_of(self, pack: str) -> Pair:
        found = [title for reference, title in self._titles.items() if reference.partition("@")[0] == pack]
        return found[-1] if found else _alike(pack)

    def actor(self, event: str) -> tuple[str, str]:
        """Who did what an entry says, and in which role."""
        statement = self._source.event(event).statement
        return statement.actor, statement.role

    def in_sentence(self, text: str) -> str:
        for number, org in self._applicants.items():
            if number in text:
                name = self._organisations.get(org)
                text = text if name is None else text.replace(number, f"{name} {number}")
        return text

    def _with_number(self, number: str, org: str | None) -> Pair:
        if org is None:
            return _alike(number)
        return sentence("{name} {number}", name=self.principal(org), number=number)

    @cached_property
    def _organisations(self) -> dict[str, str]:
        founders = {f.principal_id: f.org_name for p in self._acts(GenesisDeclared) for f in p.founders if f.org_name}
        ever, then = (OrganisationNames(self._source, Corner(day, self._known)) for day in (date.max, self._on))
        return founders | {**ever, **then}

    @cached_property
    def _roles(self) -> dict[str, str]:
        found = {f.principal_id: str(f.role) for p in self._acts(GenesisDeclared) for f in p.founders}
        for granted in self._acts(RoleGranted):
            found.setdefault(granted.principal_id, granted.role)
        return found

    @cached_property
    def _applicants(self) -> dict[str, str]:
        return {p.case_id: p.org for p in self._acts(ApplicationFiled)}

    @cached_property
    def _winners(self) -> dict[str, str]:
        return {p.award_id: p.org for p in self._acts(AwardGranted)}

    @cached_property
    def _titles(self) -> dict[str, Pair]:
        packs = self._source.packs().values()
        return {p.reference: sentence("“{title}”", title=(p.title, p.title_en)) for p in packs}

    def _acts(self, kind: type[P]) -> list[P]:
        return payloads(kind, self._source.events(DCBQuery([DCBQueryItem(types=topics(kind))]), until=self._known))


def _alike(text: str) -> Pair:
    return text, text
