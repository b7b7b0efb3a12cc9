"""The command line: human output by default, ``--json`` everywhere, documented exit codes.

Exit codes: 0 done; 1 a check failed (a scenario's expectation, verify, rebuild --check); 2 refused or malformed
input; 3 the environment is unavailable (database, keys); 4 stored evidence does not fit together; 5 a package
proves its entries, and today's derivation answers otherwise than that of the version that made it.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import logging
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from api.cli.loading import lazily
from api.cli.terminal import Terminal, lose_unwritable_errors, write_no_more
from api.evidence.subjects import SUBJECTS
from api.home.settings import read_settings
from api.sentences import sentence
from ledger.errors import (
    ConflictError,
    EvidenceError,
    MalformedError,
    RongjianError,
    UnavailableError,
    not_installed,
)
from ledger.text import visible

# A command loads what it runs, and no other one: most need neither the service nor the pages.
if TYPE_CHECKING:
    from api.cli import (
        answers,
        attestations,
        continuity,
        disclosures,
        entries,
        evidence,
        inquiries,
        keys,
        mirroring,
        proofs,
        publication,
        serve,
        specification,
        submissions,
        tokens,
        verification,
        witness,
    )
    from api.home import telemetry
else:
    answers = lazily("api.cli.answers")
    attestations = lazily("api.cli.attestations")
    entries = lazily("api.cli.entries")
    continuity = lazily("api.cli.continuity")
    disclosures = lazily("api.cli.disclosures")
    tokens = lazily("api.cli.tokens")
    keys = lazily("api.cli.keys")
    mirroring = lazily("api.cli.mirroring")
    proofs = lazily("api.cli.proofs")
    specification = lazily("api.cli.specification")
    serve = lazily("api.cli.serve")
    submissions = lazily("api.cli.submissions")
    verification = lazily("api.cli.verification")
    evidence = lazily("api.cli.evidence")
    inquiries = lazily("api.cli.inquiries")
    publication = lazily("api.cli.publication")
    witness = lazily("api.cli.witness")
    telemetry = lazily("api.home.telemetry")

LANGUAGES = ("zh", "en")
OK, CHECK_FAILED, REFUSED, UNAVAILABLE, EVIDENCE = 0, 1, 2, 3, 4

Command = Callable[[Terminal, argparse.Namespace], int]
#: A command is found when it is run.
Find = Callable[[], Command]
Add = Callable[[str, Find, str], argparse.ArgumentParser]
Group = Callable[[str, str], Add]


def main(arguments: Sequence[str] | None = None) -> int:
    """Entry point of the command ``rongjian``."""
    _open_streams()
    try:
        return _run(sys.argv[1:] if arguments is None else arguments)
    finally:
        lose_unwritable_errors()


def _run(arguments: Sequence[str]) -> int:
    language = _language(arguments)
    parser = _parser()
    _tell_in(language, parser)
    options = parser.parse_args(arguments)
    chinese = language == "zh"
    # The verifier alone logs nothing, and has no library to log with.
    with contextlib.suppress(ModuleNotFoundError):
        telemetry.configure_logging(logging.ERROR)
    try:
        _check_text(arguments)
        terminal = Terminal(read_settings(os.environ), json_output=options.json, chinese=chinese)
    except RongjianError as error:
        _complain(f"{error.code}: {error.zh}\n{error.en}")
        return REFUSED
    try:
        find: Find = options.find
        with _named_if_missing():
            code = find()(terminal, options)
        # Buffered output is written now, while a failure can still be reported.
        sys.stdout.flush()
        return code
    except RongjianError as error:
        terminal.fail(error)
        return _exit_code(error)
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        write_no_more(sys.stdout)
        return OK
    except OSError as error:
        # A full disk where the answer goes, a file that cannot be read: what the system said, never a traceback.
        write_no_more(sys.stdout)
        what = ": ".join(str(part) for part in (error.filename, error.strerror or error) if part)
        _complain(sentence("the system could not read or write: {what}", what=what).in_language(language))
        return UNAVAILABLE


def _language(arguments: Sequence[str]) -> str:
    """The language asked for, else that of the environment, else Chinese: help is told before the rest is read."""
    for number, argument in enumerate(arguments):
        name, _, value = argument.partition("=")
        if name == "--lang":
            given = value or next(iter(arguments[number + 1 :]), "")
            if given in LANGUAGES:
                return given
    return "en" if os.environ.get("LANG", "").lower().startswith("en") else "zh"


def _help(template: str) -> str:
    """Marks what a command and its options are about for the catalogue; :func:`_tell_in` tells it in a language."""
    return template


def _tell_in(language: str, parser: argparse.ArgumentParser) -> None:
    """Put the help of a parser and of its commands into a language."""

    def told(text: str | None) -> str | None:
        return sentence(text).in_language(language) if text is not None and text != argparse.SUPPRESS else text

    parser.description, parser.epilog = told(parser.description), told(parser.epilog)
    for action in parser._actions:
        if action.dest == "help":
            continue
        action.help = told(action.help)
        if isinstance(action, argparse._SubParsersAction):
            for choice in action._get_subactions():
                choice.help = told(choice.help)
            for command in action.choices.values():
                _tell_in(language, command)


def _complain(line: str) -> None:
    with contextlib.suppress(OSError, ValueError):
        print(line, file=sys.stderr)


def _open_streams() -> None:
    """A stream that is closed swallows what is written, one that is not UTF-8 shows what it cannot as code points."""
    if sys.stdout is None:
        sys.stdout = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115  (for the length of the process)
    if sys.stderr is None:
        sys.stderr = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115  (for the length of the process)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def _check_text(arguments: Sequence[str]) -> None:
    """An argument is text: neither a NUL, which no name or file holds, nor bytes that are not UTF-8."""
    for number, argument in enumerate(arguments, 1):
        if "\0" in argument or any("\ud800" <= c <= "\udfff" for c in argument):
            shown = visible(argument)
            raise MalformedError(
                "argument_not_text",
                sentence(
                    "argument {number} ({shown}) holds a NUL or bytes that are not UTF-8; write it in UTF-8",
                    number=number,
                    shown=shown,
                ),
            )


@contextlib.contextmanager
def _named_if_missing() -> Iterator[None]:
    """A command that needs a library of the service says so where the verifier alone is installed.

    A module of our own that is missing is a fault of ours, and stays one.
    """
    try:
        yield
    except ModuleNotFoundError as error:
        library = (error.name or "").partition(".")[0]
        if library in ("", "api", "projections", "ledger"):
            raise
        raise not_installed(library) from error


def _exit_code(error: RongjianError) -> int:
    match error:
        case UnavailableError() | ConflictError():
            return UNAVAILABLE
        case EvidenceError():
            return EVIDENCE
        case _:
            return REFUSED


def _parser() -> argparse.ArgumentParser:
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument("--json", action="store_true", help=_help("machine-readable output"))
    common.add_argument("--lang", choices=LANGUAGES, help=_help("language (default: LANG, else zh)"))
    parser = argparse.ArgumentParser(
        prog="rongjian",
        description=_help("An audit-grade ledger of public honours"),
        epilog=_help(
            "exit codes: 0 done; 1 a check failed; 2 refused; 3 unavailable; 4 evidence does not fit; 5 a package "
            "proves "
            "its entries and today's derivation answers otherwise"
        ),
    )
    parsers = parser.add_subparsers(metavar="COMMAND", required=True)
    add = _adder(parsers, common)

    def group(name: str, about: str) -> Add:
        """A command whose actions are commands."""
        actions = parsers.add_parser(name, help=about, description=about)
        return _adder(actions.add_subparsers(metavar="ACTION", required=True), common)

    starting = add("serve", lambda: serve.serve, _help("start the HTTP service"))
    starting.add_argument("--demo", action="store_true", help=_help("load the demo logs first"))
    _submitting(add)
    show = add("show", lambda: entries.show, _help("show entries"))
    show.add_argument("log")
    show.add_argument("id", nargs="?")
    show.add_argument("--after", type=int, default=0)
    show.add_argument("--limit", type=int, default=50)
    _asking(add)
    _inspecting(add)
    scenario = add("scenario", lambda: entries.scenario, _help("run scenario files in throw-away logs"))
    scenario.add_argument("action", choices=["run"])
    scenario.add_argument("files", type=Path, nargs="+")
    rebuild = add("rebuild", lambda: entries.rebuild, _help("rebuild the two-axis register"))
    rebuild.add_argument("log")
    rebuild.add_argument("--check", type=int, default=0, metavar="N", help=_help("compare N samples with replay"))
    _verifying(add)
    for more in (
        _keys,
        _mirroring,
        _continuing,
        _stamping,
        _visiting,
        _proving,
        _disclosing,
        _evidencing,
        _witnessing,
        _granting,
        _documenting,
    ):
        more(group)
    spec = add("spec", lambda: specification.spec, _help("write the generated part of docs/spec"))
    spec.add_argument("folder", type=Path)
    return parser


def _adder(parsers: argparse._SubParsersAction[argparse.ArgumentParser], common: argparse.ArgumentParser) -> Add:
    """What adds a command: its name, what it runs, and what it is about in both languages."""

    def add(name: str, find: Find, about: str) -> argparse.ArgumentParser:
        command = parsers.add_parser(name, parents=[common], help=about, description=about)
        command.set_defaults(find=find)
        return command

    return add


def _submitting(add: Add) -> None:
    """Commands that make keys and logs, sign and submit."""
    init = add("init", lambda: submissions.init, _help("create a log with its genesis"))
    init.add_argument("name")
    init.add_argument("--origin", required=True, help=_help("ledger.example.gov/awards"))
    init.add_argument("--jurisdiction", required=True)
    init.add_argument("--code", required=True, help=_help("division code"))
    init.add_argument("--mode", choices=["production", "simulation"], default="production")
    init.add_argument(
        "--founder",
        action="append",
        default=[],
        metavar="ROLE=PUBLIC_KEY",
        help=_help("write a draft that founders sign"),
    )
    init.add_argument("--sm2", action="store_true", help=_help("checkpoints get an SM2 line too"))
    init.add_argument("--log-key", metavar="pkcs11:URI", help=_help("the log's own key is in a token"))
    init.add_argument("-o", "--output", type=Path, help=_help("the genesis draft"))
    sign = add("sign", lambda: submissions.sign, _help("sign a statement, or countersign a submission"))
    sign.add_argument("file", type=Path, help=_help("a statement draft or a submission"))
    sign.add_argument("--key", action="append", required=True, metavar="FILE|pkcs11:URI")
    sign.add_argument("-o", "--output", type=Path)
    submit = add("submit", lambda: submissions.submit, _help("submit signed statements"))
    submit.add_argument("files", type=Path, nargs="+")
    submit.add_argument("--log", required=True)
    submit.add_argument("--url", help=_help("of a service; else this home's log"))


def _keys(group: Group) -> None:
    """Keys of signers, in files and in hardware tokens."""
    add = group("key", _help("keys of signers"))
    new = add("new", lambda: keys.key_new, _help("make a key"))
    new.add_argument(
        "--algorithm", choices=["ed25519", "sm2"], default="ed25519", help=_help("suite (sm2: GB/T 32918)")
    )
    show = add("show", lambda: keys.key_show, _help("public key and key id"))
    for command in (new, show):
        command.add_argument("key", metavar="FILE|pkcs11:URI")


def _verifying(add: Add) -> None:
    """Commands about the bytes and heads of a whole log."""
    verify = add("verify", lambda: verification.verify, _help("recompute every hash, signature and column"))
    verify.add_argument("log", nargs="*", help=_help("logs; with --policy folders or URLs"))
    verify.add_argument("--policy", type=Path, help=_help("a trust policy: verify static files"))
    verify.add_argument(
        "--resume",
        type=Path,
        metavar="FILE",
        help=_help("go on where the last run was; the verifier's own file"),
    )
    verify.add_argument(
        "--law",
        action="store_true",
        help=_help("also judge every entry by the rules of today (information)"),
    )
    verify.add_argument(
        "--no-register",
        action="store_true",
        help=_help("leave out comparing the register with replay"),
    )
    verify.add_argument(
        "--all",
        action="store_true",
        help=_help("name every place, those that follow from another too"),
    )
    verify.add_argument("--against", help=_help("compare with a mirror (folder or URL)"))
    export = add("export", lambda: mirroring.export, _help("write a log as static files (c2sp.org/tlog-tiles)"))
    export.add_argument("log")
    export.add_argument("folder", type=Path)


def _stamping(group: Group) -> None:
    """Time from outside (RFC 3161): tokens over heads, and tokens logged in."""
    add = group("timestamp", _help("time from outside (RFC 3161)"))
    ask = add("ask", lambda: attestations.stamp, _help("have the head of a log time-stamped now"))
    ask.add_argument("log")
    attest = add("attest", lambda: attestations.attest, _help("draft an entry that holds the newest token"))
    attest.add_argument("log")
    attest.add_argument("--actor", default="opr")
    attest.add_argument("--role", choices=["OPR", "SECH", "SUP"], default="OPR")
    attest.add_argument("-o", "--output", type=Path, required=True)


def _continuing(group: Group) -> None:
    """The newest head beside a log's key, and going on after a loss."""
    add = group("head", _help("the newest head beside the log's key"))
    add("show", lambda: continuity.show, _help("how far the log has come here")).add_argument("log")
    loss = add("loss", lambda: continuity.loss, _help("draft the declaration of lost entries"))
    loss.add_argument("log")
    loss.add_argument("--reason", required=True, help=_help("why they are gone"))
    loss.add_argument("--actor", default="opr")
    loss.add_argument("--role", choices=["OPR", "GOV", "SECH"], default="OPR")
    loss.add_argument("-o", "--output", type=Path, required=True)
    adopt = add("adopt", lambda: continuity.adopt, _help("set it from a checkpoint seen elsewhere"))
    adopt.add_argument("log")
    adopt.add_argument("--from", dest="source", type=Path, required=True, metavar="FILE")
    adopt.add_argument(
        "--unattested",
        action="store_true",
        help=_help("only the log's own lines: you know that it comes from a mirror"),
    )
    add("keep", lambda: continuity.keep, _help("this machine alone signs from now on")).add_argument("log")


def _visiting(group: Group) -> None:
    """The record of who read what: its head logged in by a person."""
    add = group("visits", _help("the record of who read what"))
    attest = add(
        "attest",
        lambda: attestations.attest_visits,
        _help("draft an entry that holds the head of its chain"),
    )
    attest.add_argument("log")
    attest.add_argument("--actor", default="opr")
    attest.add_argument("--role", choices=["OPR", "SUP", "DIS"], default="OPR")
    attest.add_argument("-o", "--output", type=Path, required=True)


def _proving(group: Group) -> None:
    """Portable proofs: ``proof get`` needs the log, ``proof check`` needs nothing but its three files."""
    add = group("proof", _help("portable proofs of single entries (c2sp.org/tlog-proof)"))
    get = add("get", lambda: proofs.proof_get, _help("write an entry and its .tlog-proof"))
    get.add_argument("log")
    get.add_argument("id")
    get.add_argument("-o", "--output", type=Path, default=Path(), help=_help("folder"))
    check = add("check", lambda: proofs.proof_check, _help("check offline, by a policy of your own"))
    check.add_argument("entry", type=Path, help=_help("the entry's exact bytes"))
    check.add_argument("proof", type=Path, help=".tlog-proof")
    check.add_argument("--policy", type=Path, required=True, help=_help("trust policy (c2sp.org/tlog-policy)"))


def _disclosing(group: Group) -> None:
    """Restricted fields: opened by a signed statement, checked by anybody."""
    add = group("disclosure", _help("restricted fields: open by a signed statement, check an opening"))
    opening = add(
        "open", lambda: disclosures.disclosure_open, _help("record a RestrictedDataHandled and write what it opens")
    )
    opening.add_argument("log")
    opening.add_argument("submission", type=Path)
    opening.add_argument("-o", "--output", type=Path, required=True, help=_help("a new file"))
    check = add("check", lambda: disclosures.disclosure_check, _help("check openings against an entry, offline"))
    check.add_argument("file", type=Path)
    check.add_argument("entry", type=Path, help=_help("the entry's exact bytes"))


def _evidencing(group: Group) -> None:
    """Evidence packages: one file about one subject, checked anywhere."""
    add = group("evidence", _help("evidence packages: entries, proofs and answers in one file"))
    make = add("make", lambda: evidence.make, _help("make the package of a subject"))
    make.add_argument("log")
    make.add_argument("kind", choices=SUBJECTS)
    make.add_argument("subject")
    make.add_argument("-o", "--output", type=Path, required=True, help="FILE.zip")
    make.add_argument("--on", help=_help("D, YYYY-MM-DD"))
    make.add_argument(
        "--flags",
        action="store_true",
        help=_help("with red flags; holds the entries of all who took part"),
    )
    make.add_argument("--disclosures", type=Path, help=_help("opened fields, from disclosure open"))
    make.add_argument("--attach", type=Path, action="append", default=[], help=_help("a document that an event names"))
    check = add("check", lambda: evidence.verify, _help("check a package offline"))
    check.add_argument("file", type=Path)
    check.add_argument("--policy", type=Path, help=_help("trust policy (c2sp.org/tlog-policy)"))
    check.add_argument("--tsa", type=Path, action="append", default=[], help=_help("root of a time-stamping authority"))
    check.add_argument("--report", type=Path, metavar="FOLDER", help=_help("write the report anew from the entries"))


def _documenting(group: Group) -> None:
    """Documents that statements name by hash."""
    put = group("document", _help("documents that statements name by hash"))(
        "put", lambda: submissions.document_put, _help("keep a document, such as a pack")
    )
    put.add_argument("file", type=Path)
    put.add_argument("--log", required=True)
    put.add_argument("--url", help=_help("of a service; else this home's log"))
    put.add_argument("--key", metavar="FILE|pkcs11:URI", help=_help("--url a registered key, with --url"))
    put.add_argument("--type", help=_help("media type; of .toml that of packs"))


def _granting(group: Group) -> None:
    """Tokens by which programs read."""
    add = group("token", _help("tokens by which programs read entries and answers"))
    new = add("new", lambda: tokens.token_new, _help("make a token, shown once"))
    new.add_argument("name", help=_help("what for, or whose"))
    new.add_argument("--log", action="append", default=[], help=_help("logs; all if left out"))
    new.add_argument(
        "--reads", action="append", choices=["entries", "answers"], help=_help("what of them; both if left out")
    )
    new.add_argument("--until", help=_help("last day, YYYY-MM-DD"))
    add("list", lambda: tokens.token_list, _help("list tokens, without their secrets"))
    add("revoke", lambda: tokens.token_revoke, _help("revoke a token")).add_argument("name")


def _mirroring(group: Group) -> None:
    """Mirrors: follow a log, and rebuild a lost one."""
    add = group("mirror", _help("mirrors: follow a log over HTTP, rebuild a lost log"))
    follow = add("follow", lambda: mirroring.mirror_follow, _help("follow a log: verify, then store"))
    follow.add_argument("source", help=_help("https://…/logs/NAME  a URL prefix or a folder"))
    follow.add_argument("folder", type=Path)
    follow.add_argument("--policy", type=Path, required=True, help=_help("trust policy (c2sp.org/tlog-policy)"))
    restore = add("restore", lambda: mirroring.mirror_restore, _help("rebuild a lost log from a folder"))
    restore.add_argument("folder", type=Path)
    restore.add_argument("log")


def _witnessing(group: Group) -> None:
    """Witnesses (c2sp.org/tlog-witness): ours for other logs, others for ours."""
    add = group("witness", _help("witnesses: cosign other logs, ask others to cosign ours"))
    new = add("new", lambda: witness.new, _help("make a witness with its key"))
    new.add_argument("folder", type=Path)
    new.add_argument("--name", required=True, help=_help("witness.example.org/w1"))
    serve = add("serve", lambda: witness.serve, _help("serve a witness"))
    serve.add_argument("folder", type=Path)
    serve.add_argument("--host", default="127.0.0.1")
    serve.add_argument("--port", type=int, default=8322)
    ask = add("ask", lambda: attestations.ask, _help("have the witnesses of a log cosign its head now"))
    ask.add_argument("log")
    join = add("join", lambda: attestations.join, _help("print what a public witness asks for, ready to paste"))
    join.add_argument("log")
    join.add_argument("--contact", help=_help("an address for other operators, e.g. ledger@example.gov.cn"))
    evidence = add("evidence", lambda: witness.evidence, _help("judge a request that a witness refused"))
    evidence.add_argument("file", type=Path)
    evidence.add_argument("--policy", type=Path, required=True, help=_help("trust policy (c2sp.org/tlog-policy)"))


def _asking(add: Add) -> None:
    """Commands that ask and change nothing."""
    as_of = add("as-of", lambda: answers.as_of, _help("answers at (D, K)"))
    as_of.add_argument("log")
    as_of.add_argument("kind", choices=["org", "case", "award", "edition", "notice", "finding"])
    as_of.add_argument("subject")
    as_of.add_argument("--on", help=_help("D, YYYY-MM-DD"))
    as_of.add_argument("--known", help=_help("K: position, day or timestamp"))
    as_of.add_argument("--fact")
    trace = add("trace", lambda: answers.trace, _help("what an event rests on, and what rests on it"))
    trace.add_argument("log")
    trace.add_argument("id")
    trace.add_argument("--known", help=_help("K: position, day or timestamp"))
    diff = add("diff", lambda: answers.diff, _help("facts that two corners (D, K) answer differently"))
    diff.add_argument("log")
    diff.add_argument("kind", choices=["org", "case", "award", "edition", "notice", "finding"])
    diff.add_argument("subject")
    for name in ("--from-on", "--from-known", "--on", "--known"):
        diff.add_argument(name)
    pack = add(
        "pack",
        lambda: answers.pack,
        _help("check a pack file, list the shipped ones, or show what a text leaves open"),
    )
    pack.add_argument("action", choices=["check", "list", "gaps"])
    pack.add_argument("file", nargs="?", help=_help("a file, or a shipped pack such as ganzhou/2022"))
    pack.add_argument("--log", help=_help("with the interpretations of a log"))
    pack.add_argument("--on", help=_help("As-of day"))
    pack.add_argument("--known", help=_help("Known at"))


def _inspecting(add: Add) -> None:
    """What inspectors ask across subjects."""
    inspect = add(
        "inspect", lambda: inquiries.inspect, _help("inquiries of inspectors: flags, stories, what-if, money …")
    )
    inspect.add_argument("log")
    inspect.add_argument("inquiry", help=_help("rongjian inquiries  see rongjian inquiries"))
    inspect.add_argument("arguments", nargs="*", help=_help("name=value"))
    inspect.add_argument("--on", help=_help("D, YYYY-MM-DD"))
    inspect.add_argument("--known", help=_help("K: position, day or timestamp"))
    inspect.add_argument("--format", help="json, csv; dot, mermaid, text")
    inspect.add_argument("--disclosures", type=Path, help=_help("opened items of scores"))
    publish = add("publish", lambda: publication.publish, _help("write the public window as files"))
    publish.add_argument("folder", type=Path)
    publish.add_argument("logs", nargs="*", help=_help("logs; all if left out"))
    publish.add_argument(
        "--base",
        default="https://example.invalid",
        help=_help("the address that permalinks and feeds name"),
    )
    publish.add_argument("--on", help=_help("D, YYYY-MM-DD"))
    listing = add(
        "inquiries",
        lambda: inquiries.list_inquiries,
        _help("which inquiries there are; which questions they answer"),
    )
    listing.add_argument("what", nargs="?", choices=["inquiries", "questions"], default="inquiries")
    across = add("across", lambda: inquiries.over_logs, _help("several logs: an organisation, flags, patterns"))
    across.add_argument("what", choices=["organisation", "flags", "patterns"])
    across.add_argument("uscc", nargs="?", help=_help("unified social credit code"))
    across.add_argument("arguments", nargs="*", help="flag=, severity=, state=, org=, person=")
    across.add_argument("--on", help=_help("D, YYYY-MM-DD"))
