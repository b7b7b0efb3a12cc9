"""Verifying a log of this home: its database, the register beside it, and what the vault still opens."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace

from api.cli.resumption import resumption_from
from api.cli.terminal import Terminal
from api.cli.verified import ComparedRegister, Verified
from api.heads.sources import fetch_from
from api.home.bootstrap import database_of, head_file_of, keeps_newest_head, log_named, logs_of, open_log
from api.sentences import sentence
from ledger.application import Ledger
from ledger.audit.entries import Finding
from ledger.audit.notes import Strictness
from ledger.clock import system_clock
from ledger.disclosure import Opening
from ledger.entry import RecordedEvent
from ledger.errors import EvidenceError, RongjianError
from ledger.fsck.account import Account
from ledger.fsck.database import check_against, check_database, declared_against
from ledger.fsck.law import Told, judge_all
from ledger.fsck.recorded import Recorded
from ledger.fsck.rows import told
from ledger.store.head_keepers import signing_now
from ledger.store.odd_rows import ODD
from ledger.store.vault import Vault
from ledger.tlog import checkpoint
from ledger.tlog.checkpoint import Checkpoint
from projections.finder import Finder
from projections.register import Register
from projections.replayed import Differing, compare

#: Places of the register that are named one by one; of more it is said how many.
PLACES_MAX = 200


def names_of_logs(terminal: Terminal) -> list[str]:
    """Every log of this home."""
    return [log.name for log in logs_of(terminal.settings)]


def verify_log(terminal: Terminal, name: str, options: argparse.Namespace) -> Verified:
    """A log of this home from its database; ``--against`` compares it with the head of a mirror, and says where its
    loss is declared.
    """
    with _opened_for_verification(terminal, name) as ledger:
        bar, advance = terminal.progress(sentence("verifying {name}", name=name))
        strictness, account = Strictness(system_clock()), Account.with_law() if options.law else Account()
        with bar:
            findings = check_database(
                ledger,
                advance,
                resumption=resumption_from(options.resume, ledger.origin),
                strictness=strictness,
                account=account,
            )
        findings += _against_newest(terminal, name, ledger)
        lost = None
        if options.against is not None:
            seen = checkpoint.verify(fetch_from(options.against)("checkpoint"), ledger.heads.signer.keys, ledger.origin)
            findings += _told_by(
                check_against(ledger, seen), *sentence("the mirror {against}", against=options.against)
            )
            lost = declared_against(ledger, seen)
        compared = ComparedRegister(None, [])
        if not options.no_register:
            bar, advance = terminal.progress(sentence("replaying the register of {name}", name=name))
            with bar:
                compared = compare_register(ledger, findings, account.size, advance)
            findings += compared.findings
            findings += compare_search(ledger, findings, account.size)
        return Verified(
            log=name,
            origin=ledger.origin,
            account=account,
            findings=findings,
            notes=strictness.notes,
            register=compared,
            lost=lost,
            law=_law(terminal, name, account.recorded, ledger),
        )


def _against_newest(terminal: Terminal, name: str, ledger: Ledger) -> list[Finding]:
    """The stored log against the newest head that this home has come to; nothing where no version has kept one yet."""
    home = log_named(terminal.settings, name)
    if not keeps_newest_head(home):
        return []
    try:
        there = head_file_of(terminal.settings, home).read()
    except EvidenceError as error:
        return [Finding(0, "newest head", "a head that this home has sealed", error.en)]
    keepers = told(lambda: _keepers(ledger, there.keeper), "head_keeper")
    own = check_against(ledger, Checkpoint(there.origin, there.size, there.root))
    file = head_file_of(terminal.settings, home).path
    return keepers + _told_by(own, *sentence("the newest head that this machine itself keeps ({file})", file=file))


def _told_by(findings: list[Finding], zh: str, en: str) -> list[Finding]:
    return [replace(finding, source=(zh, en)) for finding in findings]


def _keepers(ledger: Ledger, own: str) -> Iterator[Finding]:
    """Homes that sign this log beside this one, where no quorum of witnesses has to see each head."""
    signing, ended = signing_now(ledger.database)
    if own in ended:
        yield Finding(0, "head_keeper", f"{own}, this home", "another home has taken over")
    policy = ledger.heads.policy
    if policy is None or not policy.waits:
        for other in sorted(signing - {own}):
            yield Finding(0, "head_keeper", f"{own}, this home alone", other)


def _law(terminal: Terminal, name: str, recorded: Recorded | None, ledger: Ledger) -> list[Told] | None:
    """What the rules of today say of every entry; None where nobody asked, and nothing was kept for it."""
    if recorded is None:
        return None
    bar, advance = terminal.progress(sentence("replaying the rules over {name}", name=name))
    with bar:
        return judge_all(
            recorded, ledger.origin, openings_of(ledger.vault), ledger.identities.same_person, progress=advance
        )


@contextmanager
def _opened_for_verification(terminal: Terminal, name: str) -> Iterator[Ledger]:
    """Like opening a log, but a head that does not fit is for verify to name, not a reason to stop."""
    with database_of(terminal.settings) as url:
        ledger = open_log(terminal.settings, url, log_named(terminal.settings, name), proving=False)
        try:
            yield ledger
        finally:
            ledger.close()


def compare_register(
    ledger: Ledger, findings: list[Finding], size: int, progress: Callable[[int, int], None]
) -> ComparedRegister:
    """Hold the register against replay; not where the log itself is wrong, from which nothing is to be derived."""
    if any(f.severity == "error" for f in findings):
        return ComparedRegister(None, [])
    try:
        compared = compare(ledger, Register(ledger.database), size, progress)
    except ODD as error:
        said = error.en if isinstance(error, RongjianError) else f"{type(error).__name__}: {error}"
        return ComparedRegister(None, [Finding(0, "register", "rows that replay gives", said, "derived")])
    named = [finding_of(place) for place in compared.differing[:PLACES_MAX]]
    if len(compared.differing) > PLACES_MAX:
        more = len(compared.differing) - PLACES_MAX
        named.append(Finding(0, "register", "rows that replay gives", f"{more} more places differ", "derived"))
    if compared.position is not None and compared.position > size:
        named.append(Finding(0, "register_cursor", f"at most {size}", str(compared.position), "derived"))
    return ComparedRegister(compared.position, named)


def compare_search(ledger: Ledger, findings: list[Finding], size: int) -> list[Finding]:
    """Hold what a search goes by against the entries; not where the log itself is wrong."""
    if any(f.severity == "error" for f in findings):
        return []
    try:
        compared = Finder(ledger, ledger.database).compare(size)
    except ODD as error:
        said = error.en if isinstance(error, RongjianError) else f"{type(error).__name__}: {error}"
        return [Finding(0, "search", "rows that the entries give", said, "derived")]
    named = [
        *(
            Finding(place, f"search {text}", "a row", "nothing", "derived")
            for text, _, place in sorted(compared.missing)
        ),
        *(Finding(place, f"search {text}", "nothing", "a row", "derived") for text, _, place in sorted(compared.odd)),
    ]
    if len(named) > PLACES_MAX:
        more = f"{len(named) - PLACES_MAX} more rows differ"
        named[PLACES_MAX:] = [Finding(0, "search", "rows that the entries give", more, "derived")]
    if compared.position > size:
        named.append(Finding(0, "search_cursor", f"at most {size}", str(compared.position), "derived"))
    return named


def finding_of(place: Differing) -> Finding:
    """A place of the register as a finding."""
    field = f"register {place.fact} {place.subject}" + (f" {place.on}" if place.on else "")
    return Finding(place.known, field, place.replayed or "nothing", place.stored or "nothing", "derived")


def openings_of(vault: Vault) -> Callable[[RecordedEvent], Mapping[str, Opening]]:
    """What the vault still opens of an entry."""

    def openings(event: RecordedEvent) -> dict[str, Opening]:
        found = {}
        for stored in vault.stored([event.statement.id]) if event.statement.sd else ():
            try:
                found[stored.pointer] = vault.opened(stored)
            except RongjianError:
                continue  # Erased or lost: then what turns on it is decided as if it were not known.
        return found

    return openings
