"""Amounts as people read them: yuan with two decimals. The log and JSON hold whole fen, a hundredth of a yuan.

Everything here is arithmetic on whole numbers: a binary fraction has no exact 0.01.
"""

from __future__ import annotations

from ledger.sentences import Sentence, sentence

FEN_PER_YUAN = 100


def plain(fen: int) -> str:
    """``1234.50``: as a file writes it."""
    whole, part = divmod(abs(fen), FEN_PER_YUAN)
    return f"{'-' if fen < 0 else ''}{whole}.{part:02d}"


def grouped(fen: int) -> str:
    """``1,234.50``: as a page writes it."""
    whole, part = divmod(abs(fen), FEN_PER_YUAN)
    return f"{'-' if fen < 0 else ''}{whole:,}.{part:02d}"


def in_words(fen: int) -> Sentence:
    """``1,234.50 元`` and ``CNY 1,234.50``."""
    return sentence("CNY {fen}", fen=grouped(fen))
