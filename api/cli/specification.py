"""The command that writes the generated part of the specification."""

from __future__ import annotations

import argparse

from api.cli.terminal import Terminal
from api.files import writing
from api.reference.documents import write_spec
from api.sentences import sentence


def spec(terminal: Terminal, options: argparse.Namespace) -> int:
    """Write the generated part of the specification."""
    with writing(options.folder):
        files = write_spec(options.folder)
    terminal.give([str(f) for f in files], lambda: terminal.say(sentence("{files} files written", files=len(files))))
    return 0
