"""What one run of the bench found, on its way into a file: figures by name, with the machine they were found on."""

from __future__ import annotations

import json
import os
import platform
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from tests.benchmarks.measuring import Line, Times

FILE = Path(__file__).with_name("results.json")
_ROOT = Path(__file__).parents[2]

#: What the figures depend on beside the machine.
_LIBRARIES = ("eventsourcing", "psycopg", "cryptography", "pynacl", "msgspec", "orjson", "fastapi", "uvicorn")


@dataclass
class Results:
    """Figures by name. A ratio is said as median, least and most of its runs."""

    about: dict[str, object] = field(default_factory=dict)
    figures: dict[str, object] = field(default_factory=dict)

    def line(self, name: str, line: Line, base: Line) -> None:
        """A line of a table, over another of the same run."""
        self.figures[name] = {
            "rate": round(1 / line.median(lambda c: c.wall), 1),
            "processor_us": round(line.median(lambda c: c.processor) * 1e6, 1),
            **line.over(base),
        }
        print(line.told(base), flush=True)

    def times(self, name: str, times: Times) -> None:
        """How long calls took."""
        said = times.to_json()
        self.figures[name] = said
        print(
            f"  {name:58} p50 {said['p50_ms']:9.2f} ms  p99 {said['p99_ms']:9.2f} ms  {said['rate']:9,.1f}/s",
            flush=True,
        )

    def number(self, name: str, value: float, unit: str) -> None:
        """One number by itself."""
        self.figures[name] = {unit: round(value, 3)}
        print(f"  {name:58} {value:12,.2f} {unit}", flush=True)

    def save(self, file: Path) -> None:
        """Write all of them, in the order of their names."""
        value = {"about": self.about, "figures": dict(sorted(self.figures.items()))}
        file.write_text(json.dumps(value, ensure_ascii=False, indent=1) + "\n", "utf-8")


def about_this_machine(fdatasync_ms: float, database: str, settings: Mapping[str, object]) -> dict[str, object]:
    """The machine, what runs on it, and when."""
    return {
        "on": datetime.now(UTC).date().isoformat(),
        "code": _code(),
        "cores": os.cpu_count(),
        "processor": _processor(),
        "memory_gb": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30, 1),
        "system": f"{platform.system()} {platform.release()}",
        "load_at_start": round(os.getloadavg()[0], 2),
        "fdatasync_ms": round(fdatasync_ms, 3),
        "python": platform.python_version(),
        "postgresql": database,
        "libraries": {name: version(name) for name in _LIBRARIES},
        "settings": dict(settings),
    }


def _code() -> str:
    try:
        told = subprocess.run(
            ["git", "describe", "--always", "--dirty", "--exclude", "*"],
            cwd=_ROOT,
            capture_output=True,
            text=True,
            check=True,
        )
    except (OSError, subprocess.CalledProcessError):
        return "unknown"
    return told.stdout.strip()


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.machine()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), platform.machine())
