"""``rongjian publish DIR``: the public window as files."""

from __future__ import annotations

import argparse
import hashlib
import os
from pathlib import Path

from api.cli.terminal import Terminal
from api.home.bootstrap import database_of
from api.home.open_logs import OpenLogs
from api.home.settings import Settings
from api.public.pages import Window
from api.public.publishing import publish as write_site
from api.sentences import sentence
from api.v1.axes import axes


def record_of(settings: Settings, folder: Path) -> Path:
    """Where a home remembers what it has written to a folder."""
    name = hashlib.sha256(os.fsencode(folder.resolve())).hexdigest()[:32]
    return settings.home / "published" / f"{name}.sqlite"


def publish(terminal: Terminal, options: argparse.Namespace) -> int:
    """Write the pages of all logs, or of those named."""
    with database_of(terminal.settings) as url:
        logs = OpenLogs(terminal.settings, url)
        try:
            chosen = [logs[name] for name in options.logs] if options.logs else logs.all()
            count = write_site(
                [Window(log, axes(log, options.on, None)) for log in chosen],
                options.folder,
                options.base.rstrip("/") + "/",
                record_of(terminal.settings, options.folder),
            )
            if not options.logs:
                # The others are written; that one is not is said by how the command ends.
                for name in logs.refused:
                    logs[name]
        finally:
            logs.close()
    terminal.give(
        count,
        lambda: terminal.say(
            sentence(
                "{written} files written, {kept} unchanged, {removed} removed",
                written=count["written"],
                kept=count["kept"],
                removed=count["removed"],
            ),
        ),
    )
    return 0
