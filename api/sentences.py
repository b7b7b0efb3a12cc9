"""The sentences of pages, desk, bench and command line (``ledger.sentences``), with the catalogues of this package."""

from __future__ import annotations

from ledger.sentences import tellers

sentence, term = tellers("api")
