"""``rongjian verify``: recompute a log from static files by the reader's own policy, or from the database of this home.

Files need nothing but the verifier's own libraries; a database needs the service.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

from api.cli.loading import lazily
from api.cli.resumption import resumption_from
from api.cli.terminal import Terminal
from api.cli.verified import NotVerified, Remark, Verified, tell
from api.files import read_file
from api.heads.sources import fetch_from
from api.sentences import sentence
from ledger.audit.notes import Strictness
from ledger.clock import system_clock
from ledger.errors import MalformedError, RongjianError
from ledger.fsck.account import Account
from ledger.fsck.index_log import IndexLogFiles, compared_index_log, read_index_log
from ledger.fsck.law import Told, judge_all
from ledger.fsck.recorded import Recorded
from ledger.fsck.tiles import check_tiles
from ledger.log_signer import LOG_KEYS
from ledger.sentences import enumeration
from ledger.tlog import note
from ledger.tlog.checkpoint import Checkpoint
from ledger.tlog.policy import Policy, parse_policy

if TYPE_CHECKING:
    from api.cli import stored_verification
else:
    stored_verification = lazily("api.cli.stored_verification")

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
        for source in filter(_is_of_files, options.log):
            raise MalformedError(
                "policy_missing",
                sentence("{source} are files: name by --policy FILE whose signatures you believe", source=source),
            )
        names = options.log or stored_verification.names_of_logs(terminal)
        results = _each(names, lambda name: stored_verification.verify_log(terminal, name, options))
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


def _is_of_files(source: str) -> bool:
    """A folder or a URL; no log's name has a slash."""
    return "/" in source


def _verify_files(terminal: Terminal, source: str, policy: Policy, options: argparse.Namespace) -> Verified:
    """Static files of a log, from a folder or a URL, by the reader's own policy."""
    fetch = fetch_from(source, terminal.settings.reader_token)
    signed = fetch("checkpoint")
    head = policy.verify(signed).checkpoint
    bar, advance = terminal.progress(sentence("verifying {source}", source=source))
    strictness, account = Strictness(system_clock()), Account.with_law() if options.law else Account()
    index_log = read_index_log(fetch, policy, head.origin)
    with bar:
        findings = check_tiles(
            fetch,
            head,
            advance,
            keys=policy.logs,
            resumption=resumption_from(options.resume, head.origin),
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
        remarks=[
            *_not_verified(signed, head, policy),
            *([_NO_INDEX_LOG] if index_log is None else []),
            *_sites_not_checked(strictness),
        ],
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


def _sites_not_checked(strictness: Strictness) -> Iterator[Remark]:
    """Passkeys whose site was not looked up among those under which anybody has sites."""
    if strictness.sites_not_checked:
        yield Remark(
            "sites_not_checked",
            *sentence(
                "passkeys of entries {entries}: not checked whether anybody can have sites under theirs; that needs "
                "pip install 'rongjian[service]'",
                entries=enumeration(map(str, strictness.sites_not_checked)),
            ),
        )


def _law(terminal: Terminal, source: str, recorded: Recorded | None, origin: str) -> list[Told] | None:
    """What the rules of today say of every entry; None where nobody asked, and nothing was kept for it."""
    if recorded is None:
        return None
    bar, advance = terminal.progress(sentence("replaying the rules over {name}", name=source))
    with bar:
        return judge_all(recorded, origin, progress=advance)
