"""The command, as a process of its own, over a log that an earlier version gave out; and on a terminal of its own."""

from __future__ import annotations

import contextlib
import os
import pty
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.given_out.given import GIVEN, home_of

LOG = "story"
GIVEN_STORY = [given for given in GIVEN if given.name == LOG][-1]

#: Every command that looks something up, about this log.
LOOKED_UP = (
    ("show", LOG, "--limit", "60", "--after", "90"),
    ("show", LOG, "213"),
    ("as-of", LOG, "award", "ZY-2023-A", "--on", "2026-01-10"),
    ("as-of", LOG, "org", "A", "--on", "2026-01-10"),
    ("as-of", LOG, "case", "ZY-2023/C", "--on", "2026-01-10"),
    ("as-of", LOG, "edition", "ZY-2023", "--on", "2026-01-10"),
    ("as-of", LOG, "notice", "N-2023", "--on", "2026-01-10"),
    ("trace", LOG, "213"),
    ("diff", LOG, "award", "ZY-2023-A", "--from-on", "2024-01-01", "--on", "2026-01-10"),
    ("inspect", LOG, "flags", "--on", "2026-01-10"),
    ("inspect", LOG, "trace", "revocation=ZY-2023-A", "--on", "2026-01-10"),
    ("inspect", LOG, "narrative", "award=ZY-2023-A", "--on", "2026-01-10"),
    ("inspect", LOG, "difference", "kind=award", "subject=ZY-2023-A", "from_on=2024-01-01", "--on", "2026-01-10"),
    ("inspect", LOG, "what-if", "revoke=ZY-2023-B", "ground=fraud", "--on", "2026-01-10"),
    ("inspect", LOG, "who-knew", "revocation=ZY-2023-A", "--on", "2026-01-10"),
    ("inspect", LOG, "person", "person=P1", "--on", "2026-01-10"),
    ("inspect", LOG, "pair", "person=P1", "org=A", "--on", "2026-01-10"),
    ("inspect", LOG, "four-eyes", "--on", "2026-01-10"),
    ("inspect", LOG, "pairings", "--on", "2026-01-10"),
    ("inspect", LOG, "scores", "edition=ZY-2023", "--on", "2026-01-10"),
    ("inspect", LOG, "money", "--on", "2026-01-10"),
    ("inspect", LOG, "next-steps", "edition=ZY-2023", "--on", "2023-06-01"),
    ("inspect", LOG, "duties", "days=9000", "--on", "2026-01-10"),
    ("inspect", LOG, "reviewers", "case=ZY-2023/A", "--on", "2026-01-10"),
    ("inspect", LOG, "holders", "--on", "2026-01-10"),
    ("inspect", LOG, "notices", "all=1", "--on", "2026-01-10"),
    ("inspect", LOG, "statistics", "--on", "2026-01-10"),
    ("inspect", LOG, "governing", "edition=ZY-2023", "--on", "2026-01-10"),
    ("across", "flags", "--on", "2026-01-10"),
    ("across", "patterns", "--on", "2026-01-10"),
    ("pack", "list"),
    ("pack", "check", "zhongyuan/draft"),
    ("pack", "gaps", "zhongyuan/draft", "--log", LOG, "--on", "2026-01-10"),
    ("inquiries",),
    ("inquiries", "questions"),
    ("head", "show", LOG),
    ("verify", LOG, "--no-register"),
    ("token", "list"),
)


@dataclass(frozen=True)
class Story:
    """A home with the log, and what a command finds about it."""

    environment: dict[str, str] = field(repr=False)

    def run(self, *arguments: str, **more: str) -> subprocess.CompletedProcess[bytes]:
        """A command as a process of its own, whose output goes into pipes."""
        return subprocess.run(
            [sys.executable, "-m", "api.cli", *arguments],
            capture_output=True,
            env=self.environment | more,
            check=False,
            timeout=300,
        )

    def said(self, *arguments: str, **more: str) -> str:
        """What a command that succeeds says, with nothing on standard error but notes."""
        done = self.run(*arguments, **more)
        assert done.returncode == 0, done.stderr.decode()
        return done.stdout.decode()


@contextmanager
def told_story(folder: Path, database_url: str) -> Iterator[Story]:
    with home_of(GIVEN_STORY, folder, database_url, restored=True) as home:
        own = {name: value for name, value in os.environ.items() if not name.startswith("RONGJIAN_")}
        yield Story(
            own
            | {
                "RONGJIAN_HOME": str(home.home),
                "RONGJIAN_DATABASE_URL": str(home.database_url),
                "PYTHONPATH": str(Path.cwd()),
                "LANG": "zh_CN.UTF-8",
            }
        )


def on_a_terminal(environment: Mapping[str, str], columns: int, *arguments: str) -> str:
    """What Python writes with these arguments on a terminal of so many columns, its control sequences too."""
    leader, follower = pty.openpty()
    subprocess.run(["stty", "cols", str(columns)], stdin=follower, check=True)
    own = {name: value for name, value in environment.items() if name not in ("COLUMNS", "NO_COLOR")}
    process = subprocess.Popen(
        [sys.executable, *arguments], stdin=follower, stdout=follower, stderr=follower, env=own | {"TERM": "xterm"}
    )
    os.close(follower)
    written = bytearray()
    # Where the last writer has gone, Linux says that there is no terminal any more.
    with contextlib.suppress(OSError):
        while part := os.read(leader, 4096):
            written += part
    os.close(leader)
    assert process.wait() == 0, written.decode()
    return written.decode()
