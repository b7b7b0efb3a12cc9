"""Commands about reader tokens: made once, listed, revoked."""

from __future__ import annotations

import argparse
from datetime import date

from api.cli.terminal import Terminal
from api.home.bootstrap import log_named
from api.readers.tokens import SCOPES, ReaderToken, new_token, read_tokens, revoke_token
from api.sentences import sentence, term
from ledger.clock import shanghai_day, system_clock
from ledger.errors import MalformedError
from ledger.sentences import enumeration

#: Columns of the list of tokens, and what they are called.
_COLUMNS = {
    "name": term("of a token", "name"),
    "logs": term("of a token", "logs"),
    "reads": term("of a token", "reads"),
    "until": term("of a token", "until"),
    "revoked": term("of a token", "revoked"),
}

#: What a token reads, in words.
_READS = {"entries": term("of a token", "entries"), "answers": term("of a token", "answers")}


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
            sentence(
                "{secret}\nThe token {name} is made; the line above is shown this once. It is sent as Authorization: "
                "Bearer TOKEN",
                secret=secret,
                name=token.name,
            ),
        ),
    )
    return 0


def token_list(terminal: Terminal, options: argparse.Namespace) -> int:
    """Every token there is or was, without secrets."""
    del options
    rows = [_told(token) for token in read_tokens(terminal.settings.reader_tokens_file)]

    def human() -> None:
        if not rows:
            terminal.say(sentence("there are no tokens"))
            return
        cells = [[_shown(terminal, row[column], column) for column in _COLUMNS] for row in rows]
        terminal.table(tuple(_COLUMNS.values()), cells)

    terminal.give(rows, human)
    return 0


def token_revoke(terminal: Terminal, options: argparse.Namespace) -> int:
    """End a token; a running service notices at once."""
    token = revoke_token(terminal.settings.reader_tokens_file, options.name, shanghai_day(system_clock()))
    terminal.give(
        _told(token),
        lambda: terminal.say(sentence("token {name} is revoked, from now on", name=token.name)),
    )
    return 0


def _day(text: str | None) -> date | None:
    try:
        return None if text is None else date.fromisoformat(text)
    except ValueError as error:
        raise MalformedError("malformed_field", sentence("--until is a day, YYYY-MM-DD"), field="until") from error


def _told(token: ReaderToken) -> dict[str, str | list[str] | None]:
    return {
        "name": token.name,
        "logs": None if token.logs is None else sorted(token.logs),
        "reads": sorted(token.reads),
        "until": None if token.until is None else token.until.isoformat(),
        "revoked": None if token.revoked is None else token.revoked.isoformat(),
    }


def _shown(terminal: Terminal, value: str | list[str] | None, column: str) -> str:
    """A cell in words: without logs all of them, without a day no end."""
    match value:
        case None:
            return terminal.told(sentence("all")) if column == "logs" else ""
        case list():
            return terminal.told(enumeration(_READS.get(each, each) if column == "reads" else each for each in value))
        case _:
            return value
