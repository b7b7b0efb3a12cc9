"""Files that hold secrets: used only where nobody but us may read them."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from ledger.errors import UnavailableError


def check_private(path: Path) -> None:
    """Raise UnavailableError where others than us may read or change a file that there is; root may own it."""
    try:
        state = path.stat()
    except OSError:
        # What cannot be read is said by whoever reads it.
        return
    if state.st_uid not in (0, os.geteuid()):
        raise UnavailableError(
            "unsafe_owner",
            f"{path} belongs to another account, which can read and replace it; if it is ours, run: chown "
            f"{os.geteuid()} '{path}'",
            f"{path} 属于其他账户，可被其读取或替换；如确为本服务所有，请执行：chown {os.geteuid()} '{path}'",
        )
    mode = stat.S_IMODE(state.st_mode)
    if mode & 0o077:
        raise UnavailableError(
            "unsafe_mode",
            f"{path} holds a secret and is open to others (mode {mode:04o}); run: chmod 600 '{path}'",
            f"{path} 含有机密，却对其他账户开放（权限 {mode:04o}）；请执行：chmod 600 '{path}'",
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
