"""Files that hold secrets: used only where nobody but us may read them."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from api.sentences import sentence
from ledger.errors import UnavailableError


def check_private(path: Path) -> None:
    """Raise UnavailableError where others than us may read or change a file that there is; root may own it."""
    try:
        state = path.stat()
    except OSError:
        # A file that cannot be read is reported where it is read.
        return
    if state.st_uid not in (0, os.geteuid()):
        raise UnavailableError(
            "unsafe_owner",
            sentence(
                "{path} belongs to another account, which can read and replace it; if it is ours, run: chown "
                "{geteuid} '{path}'",
                path=path,
                geteuid=os.geteuid(),
            ),
        )
    mode = stat.S_IMODE(state.st_mode)
    if mode & 0o077:
        raise UnavailableError(
            "unsafe_mode",
            sentence(
                "{path} holds a secret and is open to others (mode {mode}); run: chmod 600 '{path}'",
                path=path,
                mode=f"{mode:04o}",
            ),
        )


def secrets_of(folder: Path) -> list[Path]:
    """Files of a log's folder that hold secrets: its own keys, and those of founders and of a demo's cast that were
    left there.
    """
    own = [folder / name for name in ("log.key", "log.mldsa44.key", "log.sm2.key", "demo.seed")]
    return [
        *(path for path in own if path.exists()),
        *sorted(folder.glob("founders/*.pem")),
        *sorted(folder.glob("cast/*.pem")),
    ]
