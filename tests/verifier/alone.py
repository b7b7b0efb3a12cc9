"""The verifier as ``pip install rongjian`` brings it: our wheel, the libraries it requires, and what these require.

It runs in a process that sees neither this checkout nor the installed packages of this environment.
"""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from packaging.requirements import Requirement

ROOT = Path(__file__).parents[2]

_MAIN = "from api.cli.parser import main; sys.exit(main())"


@dataclass(frozen=True)
class Said:
    """How a command ended and what it said."""

    code: int
    out: bytes
    err: bytes


@dataclass(frozen=True)
class Alone:
    """A folder of packages, ``site``, made from a wheel of ours."""

    wheel: Path
    site: Path
    home: Path

    def run(self, *arguments: object, **settings: str) -> Said:
        """A command where only the verifier is installed; ``settings`` are further variables of its environment."""
        isolated = ["-I", "-S", "-c", f"import sys; sys.path.insert(0, {str(self.site)!r}); {_MAIN}"]
        return _said([*isolated, *map(str, arguments)], self.home, settings)

    def run_whole(self, *arguments: object) -> Said:
        """The same command of this checkout, where everything is installed."""
        return _said(["-m", "api.cli", *map(str, arguments)], self.home, {"PYTHONPATH": str(ROOT)})


def install(folder: Path) -> Alone:
    """Build the wheel and put together what it requires; offline, from what this environment has."""
    wheels, site = folder / "wheel", folder / "site"
    offline = ["--quiet", "--no-index", "--no-build-isolation", "--no-deps"]
    subprocess.run([sys.executable, "-m", "pip", "wheel", *offline, "-w", str(wheels), str(ROOT)], check=True)
    [wheel] = wheels.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(site)
    for distribution in with_what_they_require(required_by(wheel)):
        _link(distribution, site)
    return Alone(wheel, site, folder / "home")


def required_by(wheel: Path, extra: str = "") -> list[str]:
    """Names of the distributions that a wheel requires, sorted; with an ``extra``, those that it adds."""
    with zipfile.ZipFile(wheel) as archive:
        [name] = [n for n in archive.namelist() if n.endswith(".dist-info/METADATA")]
        lines = archive.read(name).decode().splitlines()
    stated = [Requirement(line.partition(": ")[2]) for line in lines if line.startswith("Requires-Dist: ")]
    return sorted(
        r.name
        for r in stated
        if (r.marker is None and not extra) or (r.marker is not None and r.marker.evaluate({"extra": extra}))
    )


def with_what_they_require(names: list[str]) -> list[str]:
    """Distributions, and those that they require here, by name."""
    found: dict[str, None] = {}
    while names:
        name = names.pop()
        found[name] = None
        stated = [Requirement(line) for line in metadata.requires(name) or ()]
        names += [r.name for r in stated if r.name not in found and (not r.marker or r.marker.evaluate({"extra": ""}))]
    return sorted(found)


def _link(name: str, site: Path) -> None:
    """What a distribution has installed, linked from where it is."""
    distribution = metadata.distribution(name)
    for top in sorted({file.parts[0] for file in distribution.files or () if ".." not in file.parts}):
        (site / top).symlink_to(Path(str(distribution.locate_file(top))).resolve())


def _said(arguments: list[str], home: Path, more: Mapping[str, str]) -> Said:
    environment = {"PATH": os.environ["PATH"], "RONGJIAN_HOME": str(home), "LANG": "C.UTF-8", **more}
    done = subprocess.run(
        [sys.executable, *arguments], cwd=home.parent, env=environment, capture_output=True, check=False
    )
    return Said(done.returncode, done.stdout, done.stderr)
