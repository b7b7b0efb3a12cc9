"""Names that only the home, the register of inquiries or the packs know: for completion, and for what was mistyped."""

from __future__ import annotations

import argparse
from collections.abc import Iterable
from typing import assert_never

from api.cli.command import Among
from api.home.bootstrap import logs_of
from api.home.settings import Settings
from api.inspector.inquiries import INQUIRIES
from api.readers.tokens import read_tokens
from ledger.regulation.shipped import shipped_packs
from projections.facts import FACTS


def known_names(among: Among, settings: Settings, options: argparse.Namespace) -> Iterable[str]:
    """The names among which a value ought to be; none where it may be anything.

    A parameter of an inquiry stands as it is typed, ``edition=``.
    """
    match among:
        case "logs":
            return [log.name for log in logs_of(settings)]
        case "sources":
            return [] if options.policy else [log.name for log in logs_of(settings)]
        case "facts":
            return FACTS
        case "inquiries":
            return INQUIRIES
        case "parameters":
            return parameters_of(options.inquiry)
        case "formats":
            return formats_of(options.inquiry)
        case "packs":
            return () if options.file.endswith(".toml") else shipped_packs()
        case "tokens":
            return [token.name for token in read_tokens(settings.reader_tokens_file)]
        case _:
            assert_never(among)


def parameters_of(inquiry: str) -> list[str]:
    """What an inquiry takes, as it is typed."""
    chosen = INQUIRIES.get(inquiry)
    return [] if chosen is None else [f"{name}=" for name in chosen.parameters]


def formats_of(inquiry: str) -> tuple[str, ...]:
    """The forms in which an inquiry answers."""
    chosen = INQUIRIES.get(inquiry)
    return () if chosen is None else chosen.formats
