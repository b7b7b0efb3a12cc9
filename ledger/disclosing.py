"""Disclosing: restricted fields are opened once, to the person who signed for it; their state is told to everybody."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

from ledger.disclosure import Disclosure
from ledger.disclosure import check as check_opening
from ledger.entry import RecordedEvent
from ledger.erasures import Erasures
from ledger.errors import AlreadyOpenedError, EvidenceError, MalformedError, NotFoundError
from ledger.events.oversight import RestrictedDataHandled
from ledger.sentences import sentence
from ledger.statement import parse as parse_statement
from ledger.store.vault import StoredOpening, Vault
from ledger.submission import WHY_NOT_OPENED, FieldState, Submission
from ledger.submitting import Recorded


class Disclosing:
    """The restricted fields of one log."""

    def __init__(
        self,
        origin: str,
        event: Callable[[str], RecordedEvent],
        record: Callable[[Submission], Recorded],
        vault: Vault,
        erasures: Erasures,
        restored: Callable[[int], bool],
    ) -> None:
        """``restored`` says of a position that it came from a mirror, which holds no openings."""
        self._origin = origin
        self._event = event
        self._record = record
        self._vault = vault
        self._erasures = erasures
        self._restored = restored

    def disclose(self, submission: Submission) -> tuple[Recorded, list[Disclosure]]:
        """Record who opens which restricted fields and why, then give the openings.

        ``submission`` is a signed RestrictedDataHandled that opens, discloses or publishes. Its bytes stand in the log
        for everybody to copy, so they open once: the call that records them gets the values, no later one does.
        """
        statement = parse_statement(submission.envelope.body)
        asked = statement.payload
        if not isinstance(asked, RestrictedDataHandled) or asked.action == "erased":
            raise MalformedError(
                "no_disclosure",
                sentence(
                    "a disclosure is asked for by a statement that restricted data is opened, disclosed or published"
                ),
            )
        for state in self.fields(asked.target_event):
            if state.pointer in asked.paths and state.state != "withheld":
                told = sentence("{field}: {why}", field=state.pointer, why=WHY_NOT_OPENED[state.state])
                raise NotFoundError("no_opening", told, state=state.state)
        recorded = self._record(submission)
        if not recorded.now:
            raise AlreadyOpenedError(
                "already_opened",
                sentence(
                    "statement {id} has opened its fields once; sign a new one to open them again", id=statement.id
                ),
            )
        target = self._event(asked.target_event)
        openings = [self._erasures.open(target, pointer) for pointer in asked.paths]
        return recorded, [Disclosure(self._origin, asked.target_event, opening) for opening in openings]

    def fields(self, event_id: str) -> list[FieldState]:
        """Every restricted field of an event: withheld, erased (by which order), never kept here, or lost."""
        event = self._event(event_id)
        stored = {s.pointer: s for s in self._vault.stored([event_id])}
        ordered = self._erasures.ordered_against(event)
        return [
            FieldState(
                pointer,
                commitment,
                "erased" if pointer in ordered else self._kept(event.position, stored.get(pointer), commitment),
                ordered.get(pointer),
            )
            for pointer, commitment in sorted(event.statement.sd.items())
        ]

    def _kept(
        self, position: int, stored: StoredOpening | None, commitment: str
    ) -> Literal["withheld", "not_kept", "lost"]:
        """What became of an opening that nobody ordered destroyed: only one that opens, and fits, is withheld."""
        if stored is None:
            return "not_kept" if self._restored(position) else "lost"
        try:
            check_opening(self._vault.opened(stored), commitment)
        except (EvidenceError, MalformedError):
            return "lost"
        return "withheld" if stored.erased_by is None else "lost"
