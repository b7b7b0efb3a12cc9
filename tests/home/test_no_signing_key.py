"""The service holds no key that can sign a statement: what serves imports nobody who signs one, or who reads such a
key.
"""

from __future__ import annotations

import ast
from importlib.util import find_spec
from pathlib import Path

import grimp
import pytest

#: What a serving process runs; the commands around it load demo stories before, and are gone by then.
SERVING = ("api.app", "api.home.open_logs")

#: Functions that make a statement's signature, and those that make a private key out of a file's bytes.
SIGN = {("ledger.signing.envelope", "sign"), ("ledger.signing.envelope", "countersign")}
READ = {
    (module, name)
    for module in ("ledger.signing.keys", "ledger.signing.suites", "ledger.signing.sm2")
    for name in ("PrivateKey", "from_pem", "load_pem", "SM2PrivateKey", "generate")
}

#: Where the log's own keys are read, and the suites themselves.
KEYS_OF_LOGS = {"api.home.bootstrap", "api.home.hardware_keys", "ledger.log_signer", "ledger.signing.suites"}


@pytest.fixture(scope="module")
def graph() -> grimp.ImportGraph:
    return grimp.build_graph("api", "ledger", "projections")


@pytest.fixture(scope="module")
def serving(graph: grimp.ImportGraph) -> set[str]:
    return set(SERVING).union(*(graph.find_upstream_modules(module) for module in SERVING))


def _used(module: str) -> set[tuple[str, str]]:
    """(module, name) of everything of another module that a module's text refers to."""
    spec = find_spec(module)
    assert spec is not None
    assert spec.origin is not None
    tree = ast.parse(Path(spec.origin).read_text("utf-8"))
    modules, used = {}, set()
    for node in ast.walk(tree):
        match node:
            case ast.ImportFrom(module=str(source), names=names):
                used |= {(source, alias.name) for alias in names}
                modules |= {alias.asname or alias.name: f"{source}.{alias.name}" for alias in names}
            case ast.Attribute(value=ast.Name(id=name), attr=attribute):
                used.add((name, attribute))
    return used | {(modules[name], attribute) for name, attribute in used if name in modules}


def test_what_serves_makes_no_signature_of_a_statement(serving: set[str]) -> None:
    assert [module for module in sorted(serving) if _used(module) & SIGN] == []
    assert _used("api.cli.submissions") & SIGN, "the search finds who does"


def test_what_serves_reads_no_private_key_but_those_of_the_log(serving: set[str]) -> None:
    found = {module for module in serving if _used(module) & READ}
    assert found - KEYS_OF_LOGS == set()


def test_what_serves_reaches_neither_the_cast_of_a_story_nor_the_commands_that_sign(
    graph: grimp.ImportGraph, serving: set[str]
) -> None:
    signers = {module for module in graph.modules if _used(module) & SIGN}
    assert {"api.cli.submissions", "api.scenario.signing"} <= signers
    assert serving & (signers | {"api.scenario.cast", "api.home.demo"}) == set()
