"""What commands open: a log of this home."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from api.cli.terminal import Terminal
from api.heads.publisher import Publisher
from api.home.bootstrap import database_of, log_named, open_log
from api.home.open_logs import OpenLog
from api.sentences import sentence
from ledger.entry import parse
from projections.finder import Finder
from projections.register import Register
from projections.runner import Runner

#: Digits of the largest position that anybody types; longer ones are no position.
_POSITION_DIGITS = 12


@contextmanager
def opened(terminal: Terminal, name: str, *, signing: bool = False, after_loss: bool = False) -> Iterator[OpenLog]:
    """A log of this home, open for the length of a block.

    A command that has the log sign something asks its witnesses first: a restored old backup must not sign on. With
    ``after_loss`` a log that has lost entries is opened too, in which nothing but that can be declared.
    """
    with database_of(terminal.settings) as url:
        home = log_named(terminal.settings, name)
        bar, advance = terminal.progress(sentence("proving {name}", name=name))
        with bar:
            ledger = open_log(terminal.settings, url, home, after_loss=after_loss, progress=advance)
        try:
            if signing and ledger.heads.policy is not None and ledger.heads.lost() is None:
                publisher = Publisher(ledger, ledger.heads.policy)
                publisher.round()
                publisher.close()
            yield OpenLog(
                home,
                ledger,
                Register(ledger.database),
                Runner(ledger, ledger.database, ledger.size, ledger.vault.seal_of),
                Finder(ledger, ledger.database),
            )
        finally:
            ledger.close()


def event_at(log: OpenLog, text: str) -> str:
    """The id of an entry that is named by its position, or by its id: as it is, whether the log holds it or not."""
    if text.isascii() and text.isdecimal() and len(text) <= _POSITION_DIGITS:
        return parse(int(text), log.ledger.entry(int(text)).entry).statement.id
    return text
