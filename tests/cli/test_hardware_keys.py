"""Keys in a PKCS#11 token (SoftHSM): made there, signing there, and clear answers where it fails."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

MODULE = next(
    (p for p in map(Path, ("/usr/lib/softhsm/libsofthsm2.so", "/usr/lib64/pkcs11/libsofthsm2.so")) if p.exists()), None
)

pytestmark = pytest.mark.skipif(
    MODULE is None or shutil.which("softhsm2-util") is None, reason="no SoftHSM on this machine (Debian: softhsm2)"
)

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """The command line with a token ``gov`` at hand, whose PIN is 1234."""
    (tmp_path / "tokens").mkdir()
    configuration = tmp_path / "softhsm2.conf"
    configuration.write_text(
        f"directories.tokendir = {tmp_path}/tokens\nobjectstore.backend = file\nlog.level = ERROR\n"
    )
    environment = {k: v for k, v in os.environ.items() if not k.startswith("RONGJIAN_") or "TEST" in k or "USER" in k}
    environment |= {"SOFTHSM2_CONF": str(configuration), "RONGJIAN_HOME": str(tmp_path / "home"), "LANG": "C.UTF-8"}
    initialise = ["softhsm2-util", "--init-token", "--free", "--label", "gov", "--pin", "1234", "--so-pin", "4321"]
    subprocess.run(initialise, check=True, capture_output=True, timeout=60, env=environment)

    def command(*arguments: object, **more: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "api.cli", *map(str, arguments)],
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
            cwd=tmp_path,
            env=environment | {"PYTHONPATH": str(Path(__file__).parents[2])} | more,
        )

    return command


def _uri(label: str, **query: object) -> str:
    more = "".join(f"&{name.replace('_', '-')}={value}" for name, value in query.items())
    return f"pkcs11:token=gov;object={label}?module-path={MODULE}{more}"


def _given(done: subprocess.CompletedProcess[str]) -> Any:
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_a_log_and_its_founders_sign_in_tokens(run: Run, tmp_path: Path) -> None:
    """Three founders and the log itself, none of whose private keys is ever a file."""
    (tmp_path / "pin").write_text("1234\n")
    pin = f"file:{tmp_path}/pin"
    public = {
        role: _given(run("key", "new", _uri(role, pin_source=pin), "--json"))["public_key"]
        for role in ("OPR", "GOV", "SECH")
    }
    _given(run("key", "new", _uri("log", pin_source=pin), "--json"))
    assert (
        _given(run("key", "show", _uri("OPR"), "--json", RONGJIAN_KEY_PASSWORD="1234"))["public_key"] == public["OPR"]
    )
    founders = [x for role, key in public.items() for x in ("--founder", f"{role}={key}")]
    names = ["gz", "--origin", "ledger.example.gov/hsm", "--jurisdiction", "赣州市", "--code", "360700"]
    log_key = ["--log-key", _uri("log", pin_source=pin)]
    drafted = _given(run("init", *names, *founders, *log_key, "-o", "draft.json", "--json"))
    assert (tmp_path / "home/logs/gz/log.key").read_text() == _uri("log", pin_source=pin)
    keys = [x for role in public for x in ("--key", _uri(role))]
    signed = run("sign", "draft.json", *keys, "-o", "genesis.json", RONGJIAN_KEY_PASSWORD="1234")
    assert signed.returncode == 0, signed.stderr
    [receipt] = _given(run("submit", "genesis.json", "--log", "gz", "--json"))
    assert receipt["position"] == 1
    assert _given(run("verify", "gz", "--json")) == [
        {
            "log": "gz",
            "origin": "ledger.example.gov/hsm",
            "size": 1,
            "findings": [],
            "notes": [],
            "register": None,
            "erasures": {"orders": 0, "fields": 0, "carried_out": 0},
        }
    ]
    assert drafted["vkey"].startswith("ledger.example.gov/hsm+")


FAULTS: dict[str, tuple[str, dict[str, str], int, str]] = {
    "no such object": (_uri("nobody"), {}, 3, "token_key_unknown"),
    "no such token": (_uri("seal").replace("token=gov", "token=other"), {}, 3, "token_not_found"),
    "a wrong PIN": (_uri("seal"), {"RONGJIAN_KEY_PASSWORD": "9999"}, 3, "token_pin_refused"),
    "no PIN at all": (_uri("seal"), {"RONGJIAN_KEY_PASSWORD": ""}, 3, "token_pin_refused"),
    "no module": ("pkcs11:object=seal", {}, 2, "malformed_token_uri"),
    "a file that is no module": ("pkcs11:object=seal?module-path=/etc/hostname", {}, 3, "token_module_unusable"),
    "a module that is not there": ("pkcs11:object=seal?module-path=/no/such.so", {}, 3, "token_module_unusable"),
    "no name": (f"pkcs11:token=gov?module-path={MODULE}", {}, 2, "malformed_token_uri"),
    "a PIN in the name": (_uri("seal", pin_value="1234"), {}, 2, "malformed_token_uri"),
    "a name twice": (_uri("seal").replace("object=seal", "object=seal;object=seal"), {}, 2, "malformed_token_uri"),
    "bytes that are no text": (_uri("%ff%fe"), {}, 2, "malformed_token_uri"),
    "a PIN file that is not there": (_uri("seal", pin_source="file:/no/such/pin"), {}, 2, "file_unreadable"),
}


@pytest.mark.parametrize("fault", list(FAULTS))
def test_what_is_wrong_with_a_token_is_said(run: Run, fault: str) -> None:
    uri, environment, status, code = FAULTS[fault]
    password = {"RONGJIAN_KEY_PASSWORD": "1234"}
    made = _given(run("key", "new", _uri("seal"), "--json", **password))
    again = run("key", "new", _uri("seal"), "--json", **password)
    assert (again.returncode, json.loads(again.stdout)["error"]["code"]) == (2, "token_key_exists")
    done = run("key", "show", uri, "--json", **(password | environment))
    assert (done.returncode, json.loads(done.stdout)["error"]["code"]) == (status, code), done.stderr
    assert "1234" not in done.stdout + done.stderr
    assert _given(run("key", "show", _uri("seal"), "--json", **password)) == made


def test_a_log_whose_token_is_gone_is_not_opened(run: Run, tmp_path: Path) -> None:
    """Opening a log whose key is in a token says what is missing, and nothing is recorded."""
    password = {"RONGJIAN_KEY_PASSWORD": "1234"}
    _given(run("key", "new", _uri("log"), "--json", **password))
    names = ["gz", "--origin", "ledger.example.gov/hsm", "--jurisdiction", "赣州市", "--code", "360700"]
    _given(run("init", *names, "--log-key", _uri("log"), "--json", **password))
    shutil.move(tmp_path / "tokens", tmp_path / "drawer")
    (tmp_path / "tokens").mkdir()
    done = run("show", "gz", "--json", **password)
    assert (done.returncode, json.loads(done.stdout)["error"]["code"]) == (3, "token_not_found"), done.stderr
    shutil.rmtree(tmp_path / "tokens")
    shutil.move(tmp_path / "drawer", tmp_path / "tokens")
    assert _given(run("verify", "gz", "--json", **password))[0]["findings"] == []
