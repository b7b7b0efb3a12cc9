"""A third language is a file: with a catalogue beside the others every command speaks it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.words.catalogues import ROOT, compiled, renewed

#: A pseudo-language, which marks whatever it says.
PSEUDO = "qps"


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Our packages with a catalogue of the pseudo-language each."""
    folder = tmp_path_factory.mktemp("checkout")
    for package in ("ledger", "projections", "api"):
        shutil.copytree(ROOT / package, folder / package, ignore=shutil.ignore_patterns("__pycache__"))
        told = renewed(package, PSEUDO)
        for message in told:
            if isinstance(message.id, str) and message.id:
                message.string = f"⟦{message.id}⟧"
        (folder / package / "locale" / f"{PSEUDO}.mo").write_bytes(compiled(told))
    return folder


def _run(checkout: Path, *arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
    own = {name: value for name, value in os.environ.items() if not name.startswith("RONGJIAN_")}
    return subprocess.run(
        [sys.executable, "-P", "-m", "api.cli", *arguments],
        capture_output=True,
        text=True,
        cwd=checkout,
        env=own | {"PYTHONPATH": str(checkout), "LANG": "C.UTF-8", "PYTHONIOENCODING": "utf-8", **more},
        check=False,
    )


def test_help_answers_and_refusals_are_told_in_it(checkout: Path) -> None:
    helped = _run(checkout, "--lang", PSEUDO, "show", "--help")
    assert (helped.returncode, helped.stdout.split()[:2]) == (0, ["⟦usage:", "⟧rongjian"])
    assert "⟦list entries, or show one⟧" in helped.stdout
    listed = _run(checkout, "pack", "list", "--lang", PSEUDO).stdout.splitlines()
    assert listed[0].split() == ["⟦name⟧", "⟦text⟧", "⟦status⟧"]
    refused = _run(checkout, "show", "nowhere", "--lang", PSEUDO)
    assert (refused.returncode, refused.stderr.splitlines()[-1]) == (2, "⟦code: log_unknown⟧")
    mistyped = _run(checkout, "shwo", "--lang", PSEUDO)
    assert mistyped.stderr.splitlines()[0] == ("rongjian: ⟦⟦there is no command shwo⟧; ⟦did you mean show?⟧⟧")


def test_it_is_spoken_where_the_environment_asks_for_it(checkout: Path) -> None:
    assert "⟦usage: ⟧" in _run(checkout, "--help", LANG=f"{PSEUDO}_XX.UTF-8").stdout


def test_it_is_named_among_those_that_there_are(checkout: Path) -> None:
    refused = _run(checkout, "pack", "list", "--lang", "fr", LANG="en_GB.UTF-8")
    assert (refused.returncode, refused.stderr.splitlines()[0]) == (
        2,
        "rongjian pack: --lang: there is no fr; there are zh, en, qps",
    )
