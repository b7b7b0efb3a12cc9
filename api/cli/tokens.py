"""Commands about reader tokens: made once, listed, revoked."""

from __future__ import annotations

import argparse
from datetime import date

from api.cli.terminal import Terminal
from api.home.bootstrap import log_named
from api.readers.tokens import SCOPES, ReaderToken, new_token, read_tokens, revoke_token
from ledger.clock import shanghai_day, system_clock
from ledger.errors import MalformedError

#: Columns of the list of tokens, and their Chinese names.
_COLUMNS = {"name": "名称", "logs": "账本", "reads": "读取范围", "until": "有效至", "revoked": "吊销于"}


def token_new(terminal: Terminal, options: argparse.Namespace) -> int:
    """Make a token; its secret is shown here and nowhere else."""
    logs = [log_named(terminal.settings, name).name for name in options.log]
    token, secret = new_token(
        terminal.settings.reader_tokens_file,
        options.name,
        frozenset(logs) if logs else None,
        frozenset(options.reads or SCOPES),
        _day(options.until),
    )
    terminal.give(
        _told(token) | {"token": secret},
        lambda: terminal.say(
            f"{secret}\n令牌“{token.name}”已建立；上面这一行只显示这一次。使用时随请求发送：Authorization: Bearer 令牌",
            f"{secret}\nThe token {token.name} is made; the line above is shown this once. It is sent as "
            "Authorization: Bearer TOKEN",
        ),
    )
    return 0


def token_list(terminal: Terminal, options: argparse.Namespace) -> int:
    """Every token there is or was, without secrets."""
    del options
    rows = [_told(token) for token in read_tokens(terminal.settings.reader_tokens_file)]
    names = dict(zip(_COLUMNS, _COLUMNS.values() if terminal.chinese else _COLUMNS, strict=True))
    terminal.give(rows, lambda: terminal.table([{names[k]: _shown(v) for k, v in row.items()} for row in rows]))
    return 0


def token_revoke(terminal: Terminal, options: argparse.Namespace) -> int:
    """End a token; a running service notices at once."""
    token = revoke_token(terminal.settings.reader_tokens_file, options.name, shanghai_day(system_clock()))
    terminal.give(
        _told(token),
        lambda: terminal.say(f"令牌“{token.name}”已吊销，即时生效", f"token {token.name} is revoked, from now on"),
    )
    return 0


def _day(text: str | None) -> date | None:
    try:
        return None if text is None else date.fromisoformat(text)
    except ValueError as error:
        raise MalformedError(
            "malformed_field", "--until is a day, YYYY-MM-DD", "--until 应为日期 YYYY-MM-DD", field="until"
        ) from error


def _told(token: ReaderToken) -> dict[str, str | list[str] | None]:
    return {
        "name": token.name,
        "logs": None if token.logs is None else sorted(token.logs),
        "reads": sorted(token.reads),
        "until": None if token.until is None else token.until.isoformat(),
        "revoked": None if token.revoked is None else token.revoked.isoformat(),
    }


def _shown(value: str | list[str] | None) -> str:
    return "*" if value is None else ", ".join(value) if isinstance(value, list) else str(value)
