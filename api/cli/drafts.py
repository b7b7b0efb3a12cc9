"""What becomes of a draft that a command wrote: who signs it, and how it is submitted, as lines to run."""

from __future__ import annotations

import shlex
from pathlib import Path


def sign_and_submit(draft: Path, log: str, signers: int = 1) -> tuple[str, str]:
    """The two commands behind a draft: signing with as many keys, and submitting what they signed to a log."""
    signed = shlex.quote(f"{draft}.signed")
    return (
        f"rongjian sign {shlex.quote(str(draft))} --key FILE{' --key FILE' * (signers - 1)} -o {signed}",
        f"rongjian submit {signed} --log {shlex.quote(log)}",
    )
