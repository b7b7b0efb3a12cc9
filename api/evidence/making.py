"""A package that leaves has been checked the way its reader will check it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from api.evidence.check import Checked, check
from api.evidence.package import gather
from ledger.application import Ledger
from ledger.disclosure import Disclosure
from ledger.tlog.policy import parse_policy


def made(
    ledger: Ledger,
    kind: str,
    subject: str,
    on: date,
    *,
    flags: bool = False,
    disclosures: Sequence[Disclosure] = (),
    attachments: Sequence[bytes] = (),
) -> tuple[dict[str, bytes], Checked]:
    """Files of a package under the published head, and what the check found in them. Raises as either does."""
    files = gather(ledger, kind, subject, on, flags=flags, disclosures=disclosures, attachments=attachments)
    return files, check(files, parse_policy(files["policy"]))
