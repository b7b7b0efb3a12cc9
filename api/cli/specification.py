"""The command that writes the generated part of the specification."""

from __future__ import annotations

import argparse

from api.cli.terminal import Terminal
from api.files import writing
from api.reference.documents import write_spec


def spec(terminal: Terminal, options: argparse.Namespace) -> int:
    """Write the generated part of the specification."""
    with writing(options.folder):
        files = write_spec(options.folder)
    terminal.give(
        [str(f) for f in files], lambda: terminal.say(f"已写入 {len(files)} 个文件", f"{len(files)} files written")
    )
    return 0
