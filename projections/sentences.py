"""The sentences of answers, flags and inquiries (``ledger.sentences``), with the catalogues of this package."""

from __future__ import annotations

from ledger.sentences import tellers

sentence, term = tellers("projections")
