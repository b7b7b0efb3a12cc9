"""Commands about a log's bytes: verify them, write them as static files, mirror a log, rebuild a lost one."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from api.cli.opened_log import opened
from api.cli.terminal import Terminal
from api.cli.verified import ComparedRegister, NotVerified, Remark, Verified, compare_register, openings_of, tell
from api.files import read_file, writing
from api.heads.mirror import follow, from_ledger, restore
from api.heads.sources import fetch_from
from api.home.bootstrap import database_of, head_file_of, keeps_newest_head, log_named, logs_of, note_restored, open_log
from api.sentences import sentence
from ledger import canonical
from ledger.application import Ledger
from ledger.audit.entries import Finding
from ledger.audit.notes import Strictness
from ledger.clock import system_clock
from ledger.errors import EvidenceError, MalformedError, RongjianError
from ledger.fsck.account import Account
from ledger.fsck.database import check_against, check_database, declared_against
from ledger.fsck.index_log import IndexLogFiles, compared_index_log, read_index_log
from ledger.fsck.law import Told, judge_all
from ledger.fsck.recorded import Recorded
from ledger.fsck.resume import Mark, Resumption
from ledger.fsck.rows import told
from ledger.fsck.tiles import check_tiles
from ledger.identifiers import parse_digest
from ledger.log_signer import LOG_KEYS
from ledger.store.database import create_log_schema, schema_of
from ledger.store.head_keepers import signing_now
from ledger.tlog import checkpoint, note
from ledger.tlog.checkpoint import Checkpoint
from ledger.tlog.policy import Policy, parse_policy

_NO_INDEX_LOG = Remark(
    "no_index_log",
    *sentence("no log of index heads is here: that nobody was given another index, nothing shows"),
)


def verify(terminal: Terminal, options: argparse.Namespace) -> int:
    """Recompute everything; name every wrong place. 1 if there is one, or if one of several sources cannot be verified.

    Notes about what is whole, and what ``--law`` says of it, change no exit code.
    """
    if options.policy is not None:
        policy = parse_policy(read_file(options.policy), LOG_KEYS)
        results = _each(options.log, lambda source: _verify_files(terminal, source, policy, options))
    else:
        names = options.log or [log.name for log in logs_of(terminal.settings)]
        results = _each(names, lambda name: _verify_log(terminal, name, options))
    if not results:
        raise MalformedError("no_logs", sentence("there is nothing to verify: name a log or a source"))
    terminal.give(
        [r.to_json() for r in results],
        lambda: tell(terminal, results, stored=options.policy is None, everything=options.all),
    )
    return 1 if any(isinstance(r, NotVerified) or r.findings for r in results) else 0


def _each(sources: Sequence[str], one: Callable[[str], Verified]) -> Sequence[Verified | NotVerified]:
    """The result of each source.

    What makes one of several unverifiable is its own result, and the others are verified.
    """
    if len(sources) == 1:
        return [one(sources[0])]
    results: list[Verified | NotVerified] = []
    for source in sources:
        try:
            results.append(one(source))
        except RongjianError as error:
            results.append(NotVerified(source, error))
    return results


def _verify_log(terminal: Terminal, name: str, options: argparse.Namespace) -> Verified:
    """A log of this home from its database; ``--against`` compares it with the head of a mirror, and says where its
    loss is declared.
    """
    with _opened_for_verification(terminal, name) as ledger:
        bar, advance = terminal.progress(*sentence("verifying {name}", name=name))
        strictness, account = Strictness(system_clock()), _account(options)
        with bar:
            findings = check_database(
                ledger,
                advance,
                resumption=_resumption(options.resume, ledger.origin),
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
            bar, advance = terminal.progress(*sentence("replaying the register of {name}", name=name))
            with bar:
                compared = compare_register(ledger, findings, account.size, advance)
            findings += compared.findings
        return Verified(
            log=name,
            origin=ledger.origin,
            account=account,
            findings=findings,
            notes=strictness.notes,
            register=compared,
            lost=lost,
            law=_law(terminal, name, account.recorded, ledger.origin, ledger),
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


def _verify_files(terminal: Terminal, source: str, policy: Policy, options: argparse.Namespace) -> Verified:
    """Static files of a log, from a folder or a URL, by the reader's own policy."""
    fetch = fetch_from(source, terminal.settings.reader_token)
    signed = fetch("checkpoint")
    head = policy.verify(signed).checkpoint
    bar, advance = terminal.progress(*sentence("verifying {source}", source=source))
    strictness, account = Strictness(system_clock()), _account(options)
    index_log = read_index_log(fetch, policy, head.origin)
    with bar:
        findings = check_tiles(
            fetch,
            head,
            advance,
            keys=policy.logs,
            resumption=_resumption(options.resume, head.origin),
            strictness=strictness,
            account=account,
            logged=index_log.heads if isinstance(index_log, IndexLogFiles) else {},
        )
    findings += compared_index_log(fetch, head, policy, index_log)
    return Verified(
        log=source,
        origin=head.origin,
        account=account,
        findings=findings,
        notes=strictness.notes,
        remarks=[*_not_verified(signed, head, policy), *([_NO_INDEX_LOG] if index_log is None else [])],
        law=_law(terminal, source, account.recorded, head.origin),
    )


def _not_verified(signed: bytes, head: Checkpoint, policy: Policy) -> Iterator[Remark]:
    """Lines under the log's own name by keys that the reader does not list: they prove nothing here."""
    known = {(key.name, key.key_id) for key in policy.logs}
    for line in note.split(signed)[1]:
        if line.name == head.origin and (line.name, line.key_id) not in known:
            key = line.key_id.hex()
            yield Remark(
                "line_not_verified",
                *sentence("a line under its own name by a key that is not listed, {key}, is not verified", key=key),
            )


def _account(options: argparse.Namespace) -> Account:
    account = Account()
    if options.law:
        account.recorded = Recorded(account.packs)
    return account


def _law(
    terminal: Terminal, name: str, recorded: Recorded | None, origin: str, ledger: Ledger | None = None
) -> list[Told] | None:
    """What the rules of today say of every entry; None where nobody asked, and nothing was kept for it."""
    if recorded is None:
        return None
    bar, advance = terminal.progress(*sentence("replaying the rules over {name}", name=name))
    with bar:
        return (
            judge_all(recorded, origin, progress=advance)
            if ledger is None
            else judge_all(recorded, origin, openings_of(ledger.vault), ledger.identities.same_person, advance)
        )


def _resumption(file: Path | None, origin: str) -> Resumption:
    """Where the verifier's own file says that an earlier run had come to, and where this one writes how far it is."""
    if file is None:
        return Resumption()
    marks = canonical.parse_object(read_file(file), str(file)) if file.exists() else {}
    earlier = _mark(file, marks[origin]) if origin in marks else None

    def keep(mark: Mark) -> None:
        marks[origin] = {"size": mark.size, "root": mark.root.hex()}
        unfinished = file.with_name(file.name + ".new")
        with writing(file):
            unfinished.write_bytes(canonical.encode(marks))
            unfinished.replace(file)

    return Resumption(earlier, keep)


def _mark(file: Path, value: object) -> Mark:
    match value:
        case {"size": int(size), "root": str(root)} if size > 0 and not isinstance(size, bool):
            return Mark(size, bytes.fromhex(parse_digest(root, "root")))
    raise MalformedError("malformed_mark", sentence("{file}: a mark has size and root", file=file))


def export(terminal: Terminal, options: argparse.Namespace) -> int:
    """Write a log as static files, or bring the folder up to its head."""
    with opened(terminal, options.log) as log:
        policy = parse_policy(log.ledger.heads.own_policy().encode())
        bar, advance = terminal.progress(*sentence("writing"))
        with bar:
            head = follow(from_ledger(log.ledger), options.folder, policy, advance)
    _followed(terminal, head, options.folder)
    return 0


def mirror_follow(terminal: Terminal, options: argparse.Namespace) -> int:
    """Follow a log over HTTP into a folder: verify, then store."""
    fetch = fetch_from(options.source, terminal.settings.reader_token)
    policy = parse_policy(read_file(options.policy), LOG_KEYS)
    bar, advance = terminal.progress(*sentence("mirroring"))
    with bar:
        head = follow(fetch, options.folder, policy, advance)
    _followed(terminal, head, options.folder)
    return 0


def mirror_restore(terminal: Terminal, options: argparse.Namespace) -> int:
    """Rebuild a lost log from a folder, once every byte of it, documents too, has been verified by the log's own
    keys.
    """
    fetch = fetch_from(str(options.folder))
    with database_of(terminal.settings) as url:
        home = log_named(terminal.settings, options.log)
        create_log_schema(url, schema_of(home.origin))
        # A restore that broke off left a head which its entries do not reach yet.
        ledger = open_log(terminal.settings, url, home, proving=False)
        try:
            head = checkpoint.verify(fetch("checkpoint"), ledger.heads.signer.keys, ledger.origin)
            findings = check_tiles(fetch, head, keys=ledger.heads.signer.keys)
            if findings:
                raise EvidenceError("mirror_damaged", sentence("the mirror: {findings}", findings=findings[0]))
            bar, advance = terminal.progress(*sentence("restoring"))
            with bar:
                restore(ledger, options.folder, fetch, advance, lambda first, last: note_restored(home, first, last))
        finally:
            ledger.close()
    value = {"origin": head.origin, "size": head.size}
    terminal.give(
        value,
        lambda: terminal.say(
            sentence(
                "{origin} is restored up to entry {size}. Openings of restricted fields are not in a mirror",
                origin=head.origin,
                size=head.size,
            ),
        ),
    )
    return 0


def _followed(terminal: Terminal, head: Checkpoint, folder: Path) -> None:
    value = {"origin": head.origin, "size": head.size, "folder": str(folder)}
    terminal.give(
        value,
        lambda: terminal.say(
            sentence(
                "{origin}: {size} entries, verified and written to {folder}",
                origin=head.origin,
                size=head.size,
                folder=folder,
            ),
        ),
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
