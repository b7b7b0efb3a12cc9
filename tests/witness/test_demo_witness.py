"""The demo's own witness: it works, it stops nothing where it does not, and every page calls it what it is."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from api.app import create_app
from api.cli.demo_witness import NAME, URL, demo_witness
from api.home.bootstrap import log_named, open_log
from api.home.demo import DemoLog
from api.home.open_logs import OpenLogs
from api.home.settings import Settings
from api.witness.home import WitnessHome
from ledger.tlog.policy import parse_policy
from tests.small_home import begin_log, environment_of, own_database, settings_of

LOG, ORIGIN = "story", "demo.rongjian.example/story"


@dataclass
class Home:
    settings: Settings
    url: str

    def demo(self) -> DemoLog:
        home = log_named(self.settings, LOG)
        ledger = open_log(self.settings, self.url, home)
        ledger.close()
        return DemoLog(home, current=True, policy=ledger.heads.own_policy())

    def cosigned(self) -> tuple[str, list[str]]:
        """The served page on who has seen the head, and who cosigned the published head by the log's own policy."""
        demo = self.demo()
        with (
            demo_witness(self.settings, [demo]) as mounts,
            TestClient(create_app(OpenLogs(self.settings, self.url, own_witness=mounts))) as client,
        ):
            page, head = client.get(f"/zh/{LOG}/seen/").text, client.get(f"/logs/{LOG}/checkpoint").content
        file = demo.home.folder / "witnesses.policy"
        policy = parse_policy(file.read_bytes() if file.exists() else demo.policy.encode())
        return page, list(policy.verify(head).cosigned)


@pytest.fixture
def home(tmp_path: Path, database_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Home]:
    with own_database(database_url) as url:
        for name, value in environment_of(tmp_path / "home", url).items():
            monkeypatch.setenv(name, value)
        begin_log(LOG, ORIGIN)
        yield Home(settings_of(tmp_path / "home", url), url)


def test_the_demo_is_witnessed_by_the_operator_itself_and_says_that_this_proves_nothing(home: Home) -> None:
    for _ in range(2):
        page, cosigned = home.cosigned()
        assert cosigned == ["own"]
        assert "尚无外部机构见证过本账本的任何树头：运营者有可能向不同读者出示不同的记录。" in page
        assert f">{NAME}</code>" in page
        assert "运营者自己的见证人：仅为演示见证如何进行，不证明任何事" in page
    policy = (home.demo().home.folder / "witnesses.policy").read_text("utf-8")
    assert policy.splitlines()[-2:] == [f"witness own {_vkey(home)} {URL}", "quorum none"]


def _vkey(home: Home) -> str:
    witness = WitnessHome(home.settings.home / "witness")
    witness.close()
    return str(witness.cosigner)


def test_where_the_witness_cannot_run_the_demo_goes_on_and_publishes(home: Home) -> None:
    home.cosigned()
    busy = WitnessHome(home.settings.home / "witness")
    page, cosigned = home.cosigned()
    assert (cosigned, "尚无外部机构见证过" in page) == (["own"], True), "the head was cosigned the time before"
    busy.close()
    (home.settings.home / "witness" / "witness.key").write_bytes(b"spoilt")
    (home.settings.home / "witness" / "logs.policy").write_bytes(b"\xff")
    assert "尚无外部机构见证过" in home.cosigned()[0]


def test_a_policy_that_somebody_wrote_stays_as_it_is(home: Home) -> None:
    demo = home.demo()
    own = demo.policy + "# ours\n"
    (demo.home.folder / "witnesses.policy").write_text(own, "utf-8")
    home.cosigned()
    assert (demo.home.folder / "witnesses.policy").read_text("utf-8") == own


def test_a_demo_that_is_thrown_away_and_loaded_anew_is_witnessed_from_the_start(
    home: Home, tmp_path: Path, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    home.cosigned()
    with own_database(database_url) as url:
        for name, value in environment_of(tmp_path / "new", url).items():
            monkeypatch.setenv(name, value)
        shutil.copytree(home.settings.home / "witness", tmp_path / "new" / "witness")
        begin_log(LOG, ORIGIN)
        assert Home(settings_of(tmp_path / "new", url), url).cosigned()[1] == ["own"]
