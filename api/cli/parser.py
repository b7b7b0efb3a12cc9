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
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from api.cli.loading import lazily
from api.cli.terminal import Terminal, lose_unwritable_errors, write_no_more
from api.evidence.subjects import SUBJECTS
from api.home.settings import read_settings
from api.home.telemetry import configure_logging
from ledger.errors import ConflictError, EvidenceError, MalformedError, RongjianError, UnavailableError
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
        proofs,
        publication,
        serve,
        specification,
        submissions,
        tokens,
        verification,
        witness,
    )
else:
    answers = lazily("api.cli.answers")
    attestations = lazily("api.cli.attestations")
    entries = lazily("api.cli.entries")
    continuity = lazily("api.cli.continuity")
    disclosures = lazily("api.cli.disclosures")
    tokens = lazily("api.cli.tokens")
    keys = lazily("api.cli.keys")
    proofs = lazily("api.cli.proofs")
    specification = lazily("api.cli.specification")
    serve = lazily("api.cli.serve")
    submissions = lazily("api.cli.submissions")
    verification = lazily("api.cli.verification")
    evidence = lazily("api.cli.evidence")
    inquiries = lazily("api.cli.inquiries")
    publication = lazily("api.cli.publication")
    witness = lazily("api.cli.witness")

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
    parser = _parser()
    options = parser.parse_args(arguments)
    chinese = options.lang == "zh" if options.lang else not os.environ.get("LANG", "").lower().startswith("en")
    configure_logging(logging.ERROR)
    try:
        _check_text(arguments)
        terminal = Terminal(read_settings(os.environ), json_output=options.json, chinese=chinese)
    except RongjianError as error:
        _complain(f"{error.code}: {error.zh}\n{error.en}")
        return REFUSED
    try:
        find: Find = options.find
        code = find()(terminal, options)
        # What waits is written now, while it can still be said that it could not be.
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
        said = "系统未能读写：" if chinese else "the system could not read or write: "
        what = ": ".join(str(part) for part in (error.filename, error.strerror or error) if part)
        _complain(f"{said}{what}")
        return UNAVAILABLE


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
                f"argument {number} ({shown}) holds a NUL or bytes that are not UTF-8; write it in UTF-8",
                f"第 {number} 个参数（{shown}）含有 NUL 或非 UTF-8 字节；请以 UTF-8 书写",
            )


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
    common.add_argument("--json", action="store_true", help="机器可读输出 machine-readable output")
    common.add_argument("--lang", choices=["zh", "en"], help="界面语言 language (default: LANG, else zh)")
    parser = argparse.ArgumentParser(
        prog="rongjian",
        description="荣鉴：公共荣誉的审计级账本 An audit-grade ledger of public honours",
        epilog="退出码 exit codes: 0 完成 done; 1 核验未过 a check failed; 2 被拒 refused; 3 不可用 unavailable; 4 证据不符 evidence "
        "does "
        "not fit; 5 条目已证明，答案不同 a package proves its entries and today's derivation answers otherwise",
    )
    parsers = parser.add_subparsers(metavar="COMMAND", required=True)
    add = _adder(parsers, common)

    def group(name: str, about: str) -> Add:
        """A command whose actions are commands."""
        actions = parsers.add_parser(name, help=about, description=about)
        return _adder(actions.add_subparsers(metavar="ACTION", required=True), common)

    starting = add("serve", lambda: serve.serve, "启动服务 start the HTTP service")
    starting.add_argument("--demo", action="store_true", help="同时装载演示账本 load the demo logs first")
    _submitting(add)
    show = add("show", lambda: entries.show, "查看条目 show entries")
    show.add_argument("log")
    show.add_argument("id", nargs="?")
    show.add_argument("--after", type=int, default=0)
    show.add_argument("--limit", type=int, default=50)
    _asking(add)
    _inspecting(add)
    scenario = add("scenario", lambda: entries.scenario, "运行情景 run scenario files in throw-away logs")
    scenario.add_argument("action", choices=["run"])
    scenario.add_argument("files", type=Path, nargs="+")
    rebuild = add("rebuild", lambda: entries.rebuild, "重建清单 rebuild the two-axis register")
    rebuild.add_argument("log")
    rebuild.add_argument("--check", type=int, default=0, metavar="N", help="抽查 N 处 compare N samples with replay")
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
    spec = add("spec", lambda: specification.spec, "生成规范文件 write the generated part of docs/spec")
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
    init = add("init", lambda: submissions.init, "创立账本 create a log with its genesis")
    init.add_argument("name")
    init.add_argument("--origin", required=True, help="例如 ledger.example.gov/awards")
    init.add_argument("--jurisdiction", required=True)
    init.add_argument("--code", required=True, help="行政区划代码 division code")
    init.add_argument("--mode", choices=["production", "simulation"], default="production")
    init.add_argument(
        "--founder",
        action="append",
        default=[],
        metavar="ROLE=PUBLIC_KEY",
        help="创立人公钥 (OPR, GOV, SECH)：只写草稿 write a draft that founders sign",
    )
    init.add_argument("--sm2", action="store_true", help="检查点另以 SM2 签名 checkpoints get an SM2 line too")
    init.add_argument("--log-key", metavar="pkcs11:URI", help="账本自身的密钥在令牌中 the log's own key is in a token")
    init.add_argument("-o", "--output", type=Path, help="创立草稿 the genesis draft")
    sign = add("sign", lambda: submissions.sign, "签署声明或会签 sign a statement, or countersign a submission")
    sign.add_argument("file", type=Path, help="声明草稿或提交文件 a statement draft or a submission")
    sign.add_argument("--key", action="append", required=True, metavar="FILE|pkcs11:URI")
    sign.add_argument("-o", "--output", type=Path)
    submit = add("submit", lambda: submissions.submit, "提交声明 submit signed statements")
    submit.add_argument("files", type=Path, nargs="+")
    submit.add_argument("--log", required=True)
    submit.add_argument("--url", help="服务地址；不写则直接写入本机账本 of a service; else this home's log")


def _keys(group: Group) -> None:
    """Keys of signers, in files and in hardware tokens."""
    add = group("key", "密钥 keys of signers")
    new = add("new", lambda: keys.key_new, "生成密钥 make a key")
    new.add_argument("--algorithm", choices=["ed25519", "sm2"], default="ed25519", help="算法 suite (sm2: GB/T 32918)")
    show = add("show", lambda: keys.key_show, "公钥与标识 public key and key id")
    for command in (new, show):
        command.add_argument("key", metavar="FILE|pkcs11:URI")


def _verifying(add: Add) -> None:
    """Commands about the bytes and heads of a whole log."""
    verify = add("verify", lambda: verification.verify, "核验账本 recompute every hash, signature and column")
    verify.add_argument(
        "log", nargs="*", help="账本；给出 --policy 时为文件夹或网址 logs; with --policy folders or URLs"
    )
    verify.add_argument("--policy", type=Path, help="信任策略：核验静态文件 a trust policy: verify static files")
    verify.add_argument(
        "--resume",
        type=Path,
        metavar="FILE",
        help="从上次核验处继续；文件由核验人保存 go on where the last run was; the verifier's own file",
    )
    verify.add_argument(
        "--law",
        action="store_true",
        help="并按今日规则重新判断各条（仅供参考） also judge every entry by the rules of today (information)",
    )
    verify.add_argument(
        "--no-register",
        action="store_true",
        help="不与重放比对清单 leave out comparing the register with replay",
    )
    verify.add_argument(
        "--all",
        action="store_true",
        help="逐处列出，连同随之不符之处 name every place, those that follow from another too",
    )
    verify.add_argument("--against", help="与镜像（文件夹或网址）比对 compare with a mirror (folder or URL)")
    export = add(
        "export", lambda: verification.export, "写出为静态文件 write a log as static files (c2sp.org/tlog-tiles)"
    )
    export.add_argument("log")
    export.add_argument("folder", type=Path)


def _stamping(group: Group) -> None:
    """Time from outside (RFC 3161): tokens over heads, and tokens logged in."""
    add = group("timestamp", "时间戳 time from outside (RFC 3161)")
    ask = add(
        "ask", lambda: attestations.stamp, "请时间戳机构为当前检查点加盖时间戳 have the head of a log time-stamped now"
    )
    ask.add_argument("log")
    attest = add(
        "attest", lambda: attestations.attest, "把最新的时间戳起草为账本条目 draft an entry that holds the newest token"
    )
    attest.add_argument("log")
    attest.add_argument("--actor", default="opr")
    attest.add_argument("--role", choices=["OPR", "SECH", "SUP"], default="OPR")
    attest.add_argument("-o", "--output", type=Path, required=True)


def _continuing(group: Group) -> None:
    """The newest head beside a log's key, and going on after a loss."""
    add = group("head", "最新检查点 the newest head beside the log's key")
    add("show", lambda: continuity.show, "本机所知账本已到何处 how far the log has come here").add_argument("log")
    loss = add("loss", lambda: continuity.loss, "起草条目缺失声明 draft the declaration of lost entries")
    loss.add_argument("log")
    loss.add_argument("--reason", required=True, help="缺失原因 why they are gone")
    loss.add_argument("--actor", default="opr")
    loss.add_argument("--role", choices=["OPR", "GOV", "SECH"], default="OPR")
    loss.add_argument("-o", "--output", type=Path, required=True)
    adopt = add("adopt", lambda: continuity.adopt, "以他处所存检查点重建 set it from a checkpoint seen elsewhere")
    adopt.add_argument("log")
    adopt.add_argument("--from", dest="source", type=Path, required=True, metavar="FILE")
    adopt.add_argument(
        "--unattested",
        action="store_true",
        help="检查点只有账本自己的签名，确知来自镜像 only the log's own lines: you know that it comes from a mirror",
    )
    add("keep", lambda: continuity.keep, "今后只由本机签署 this machine alone signs from now on").add_argument("log")


def _visiting(group: Group) -> None:
    """The record of who read what: its head logged in by a person."""
    add = group("visits", "查阅记录 the record of who read what")
    attest = add(
        "attest",
        lambda: attestations.attest_visits,
        "把查阅记录的链头起草为账本条目 draft an entry that holds the head of its chain",
    )
    attest.add_argument("log")
    attest.add_argument("--actor", default="opr")
    attest.add_argument("--role", choices=["OPR", "SUP", "DIS"], default="OPR")
    attest.add_argument("-o", "--output", type=Path, required=True)


def _proving(group: Group) -> None:
    """Portable proofs: ``proof get`` needs the log, ``proof check`` needs nothing but its three files."""
    add = group("proof", "可携带的证明 portable proofs of single entries (c2sp.org/tlog-proof)")
    get = add("get", lambda: proofs.proof_get, "取出条目及其证明 write an entry and its .tlog-proof")
    get.add_argument("log")
    get.add_argument("id")
    get.add_argument("-o", "--output", type=Path, default=Path(), help="文件夹 folder")
    check = add("check", lambda: proofs.proof_check, "离线核验 check offline, by a policy of your own")
    check.add_argument("entry", type=Path, help="条目原样字节 the entry's exact bytes")
    check.add_argument("proof", type=Path, help=".tlog-proof")
    check.add_argument("--policy", type=Path, required=True, help="信任策略 trust policy (c2sp.org/tlog-policy)")


def _disclosing(group: Group) -> None:
    """Restricted fields: opened by a signed statement, checked by anybody."""
    add = group("disclosure", "受限字段 restricted fields: open by a signed statement, check an opening")
    opening = add(
        "open", lambda: disclosures.disclosure_open, "登记并启封 record a RestrictedDataHandled and write what it opens"
    )
    opening.add_argument("log")
    opening.add_argument("submission", type=Path)
    opening.add_argument("-o", "--output", type=Path, required=True, help="新文件 a new file")
    check = add(
        "check", lambda: disclosures.disclosure_check, "离线核对开启值 check openings against an entry, offline"
    )
    check.add_argument("file", type=Path)
    check.add_argument("entry", type=Path, help="条目原样字节 the entry's exact bytes")


def _evidencing(group: Group) -> None:
    """Evidence packages: one file about one subject, checked anywhere."""
    add = group("evidence", "证据包 evidence packages: entries, proofs and answers in one file")
    make = add("make", lambda: evidence.make, "制作证据包 make the package of a subject")
    make.add_argument("log")
    make.add_argument("kind", choices=SUBJECTS)
    make.add_argument("subject")
    make.add_argument("-o", "--output", type=Path, required=True, help="FILE.zip")
    make.add_argument("--on", help="事实日 D, YYYY-MM-DD")
    make.add_argument(
        "--flags",
        action="store_true",
        help="连同红旗；含同届全部参评者的条目 with red flags; holds the entries of all who took part",
    )
    make.add_argument("--disclosures", type=Path, help="已启封的字段 opened fields, from disclosure open")
    make.add_argument("--attach", type=Path, action="append", default=[], help="附件 a document that an event names")
    check = add("check", lambda: evidence.verify, "离线核验证据包 check a package offline")
    check.add_argument("file", type=Path)
    check.add_argument("--policy", type=Path, help="信任策略 trust policy (c2sp.org/tlog-policy)")
    check.add_argument(
        "--tsa", type=Path, action="append", default=[], help="时间戳机构根证书 root of a time-stamping authority"
    )
    check.add_argument(
        "--report", type=Path, metavar="FOLDER", help="按条目重写报告 write the report anew from the entries"
    )


def _documenting(group: Group) -> None:
    """Documents that statements name by hash."""
    put = group("document", "文件 documents that statements name by hash")(
        "put", lambda: submissions.document_put, "保存文件 keep a document, such as a pack"
    )
    put.add_argument("file", type=Path)
    put.add_argument("--log", required=True)
    put.add_argument("--url", help="服务地址；不写则直接存入本机账本 of a service; else this home's log")
    put.add_argument("--key", metavar="FILE|pkcs11:URI", help="已登记的密钥，配合 --url a registered key, with --url")
    put.add_argument("--type", help="媒体类型；.toml 默认为规则包 media type; of .toml that of packs")


def _granting(group: Group) -> None:
    """Tokens by which programs read."""
    add = group("token", "读者令牌 tokens by which programs read entries and answers")
    new = add("new", lambda: tokens.token_new, "建立令牌，只显示一次 make a token, shown once")
    new.add_argument("name", help="用途或持有人 what for, or whose")
    new.add_argument("--log", action="append", default=[], help="账本，可多次；省略则全部 logs; all if left out")
    new.add_argument(
        "--reads", action="append", choices=["entries", "answers"], help="读取范围 what of them; both if left out"
    )
    new.add_argument("--until", help="有效至（含） last day, YYYY-MM-DD")
    add("list", lambda: tokens.token_list, "列出令牌 list tokens, without their secrets")
    add("revoke", lambda: tokens.token_revoke, "吊销令牌 revoke a token").add_argument("name")


def _mirroring(group: Group) -> None:
    """Mirrors: follow a log, and rebuild a lost one."""
    add = group("mirror", "镜像 mirrors: follow a log over HTTP, rebuild a lost log")
    follow = add("follow", lambda: verification.mirror_follow, "跟随账本 follow a log: verify, then store")
    follow.add_argument("source", help="网址前缀或文件夹，如 https://…/logs/NAME  a URL prefix or a folder")
    follow.add_argument("folder", type=Path)
    follow.add_argument("--policy", type=Path, required=True, help="信任策略 trust policy (c2sp.org/tlog-policy)")
    restore = add("restore", lambda: verification.mirror_restore, "由镜像重建账本 rebuild a lost log from a folder")
    restore.add_argument("folder", type=Path)
    restore.add_argument("log")


def _witnessing(group: Group) -> None:
    """Witnesses (c2sp.org/tlog-witness): ours for other logs, others for ours."""
    add = group("witness", "见证 witnesses: cosign other logs, ask others to cosign ours")
    new = add("new", lambda: witness.new, "建立见证人 make a witness with its key")
    new.add_argument("folder", type=Path)
    new.add_argument("--name", required=True, help="例如 witness.example.org/w1")
    serve = add("serve", lambda: witness.serve, "启动见证服务 serve a witness")
    serve.add_argument("folder", type=Path)
    serve.add_argument("--host", default="127.0.0.1")
    serve.add_argument("--port", type=int, default=8322)
    ask = add("ask", lambda: attestations.ask, "请见证人见证当前检查点 have the witnesses of a log cosign its head now")
    ask.add_argument("log")
    join = add(
        "join", lambda: attestations.join, "公共见证人所需的各行 print what a public witness asks for, ready to paste"
    )
    join.add_argument("log")
    join.add_argument("--contact", help="联系方式 an address for other operators, e.g. ledger@example.gov.cn")
    evidence = add("evidence", lambda: witness.evidence, "判读见证人留存的证据 judge a request that a witness refused")
    evidence.add_argument("file", type=Path)
    evidence.add_argument("--policy", type=Path, required=True, help="信任策略 trust policy (c2sp.org/tlog-policy)")


def _asking(add: Add) -> None:
    """Commands that ask and change nothing."""
    as_of = add("as-of", lambda: answers.as_of, "某日某知悉的答案 answers at (D, K)")
    as_of.add_argument("log")
    as_of.add_argument("kind", choices=["org", "case", "award", "edition", "notice", "finding"])
    as_of.add_argument("subject")
    as_of.add_argument("--on", help="事实日 D, YYYY-MM-DD")
    as_of.add_argument("--known", help="知悉 K: position, day or timestamp")
    as_of.add_argument("--fact")
    trace = add("trace", lambda: answers.trace, "一个事件的来龙去脉 what an event rests on, and what rests on it")
    trace.add_argument("log")
    trace.add_argument("id")
    trace.add_argument("--known", help="知悉 K: position, day or timestamp")
    diff = add("diff", lambda: answers.diff, "两个时点的差别 facts that two corners (D, K) answer differently")
    diff.add_argument("log")
    diff.add_argument("kind", choices=["org", "case", "award", "edition", "notice", "finding"])
    diff.add_argument("subject")
    for name in ("--from-on", "--from-known", "--on", "--known"):
        diff.add_argument(name)
    pack = add(
        "pack",
        lambda: answers.pack,
        "规则包 check a pack file, list the shipped ones, or show what a text leaves open",
    )
    pack.add_argument("action", choices=["check", "list", "gaps"])
    pack.add_argument("file", nargs="?", help="文件或随附规则包名称 a file, or a shipped pack such as ganzhou/2022")
    pack.add_argument("--log", help="连同该账本的适用口径 with the interpretations of a log")
    pack.add_argument("--on", help="事实日 D")
    pack.add_argument("--known", help="知悉 K")


def _inspecting(add: Add) -> None:
    """What inspectors ask across subjects."""
    inspect = add(
        "inspect", lambda: inquiries.inspect, "监督查询 inquiries of inspectors: flags, stories, what-if, money …"
    )
    inspect.add_argument("log")
    inspect.add_argument("inquiry", help="见 rongjian inquiries  see rongjian inquiries")
    inspect.add_argument("arguments", nargs="*", help="名称=值 name=value")
    inspect.add_argument("--on", help="事实日 D, YYYY-MM-DD")
    inspect.add_argument("--known", help="知悉 K: position, day or timestamp")
    inspect.add_argument("--format", help="json, csv; dot, mermaid, text")
    inspect.add_argument("--disclosures", type=Path, help="已启封的评分明细（scores） opened items of scores")
    publish = add("publish", lambda: publication.publish, "公众窗口写成静态文件 write the public window as files")
    publish.add_argument("folder", type=Path)
    publish.add_argument("logs", nargs="*", help="账本；省略则全部 logs; all if left out")
    publish.add_argument(
        "--base",
        default="https://example.invalid",
        help="网址，写入永久链接与订阅 the address that permalinks and feeds name",
    )
    publish.add_argument("--on", help="事实日 D, YYYY-MM-DD")
    listing = add(
        "inquiries",
        lambda: inquiries.list_inquiries,
        "有哪些查询，三十个问题 which inquiries there are; the thirty questions",
    )
    listing.add_argument("what", nargs="?", choices=["inquiries", "questions"], default="inquiries")
    across = add("across", lambda: inquiries.over_logs, "跨账本 several logs: an organisation, flags, patterns")
    across.add_argument("what", choices=["organisation", "flags", "patterns"])
    across.add_argument("uscc", nargs="?", help="统一社会信用代码 credit code")
    across.add_argument("arguments", nargs="*", help="flag=, severity=, state=, org=, person=")
    across.add_argument("--on", help="事实日 D, YYYY-MM-DD")
