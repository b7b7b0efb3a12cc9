"""The demo logs: the shipped scenarios, loaded through the same admission as everybody's events.

Only acts that lie in the past are loaded; a scenario's projections follow when their day has come. A load that
was interrupted goes on where it stopped, because the cast's keys, salts and ids come from the log's seed.
A demo log that another version loaded from another story is served as it is; another home loads anew.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import partial
from importlib import resources
from pathlib import Path

import structlog

from api.home.bootstrap import OF_THE_HOME, LogHome, create_log, demo_seed, logs_of, open_log
from api.home.settings import Settings
from api.scenario.cast import FOUNDERS, Cast
from api.scenario.document import read_scenario
from api.scenario.play import Player, SimulatedClock
from api.scenario.run import packs_for
from api.sentences import sentence
from ledger.errors import EvidenceError, MalformedError, UnavailableError
from ledger.regulation.pack import Pack
from ledger.sentences import Pair
from ledger.signing.suites import to_pem
from projections.runner import Runner

ORIGIN = "demo.rongjian.example"

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Telling:
    """How far a demo log is told: which of how many logs it is, whether it is ``new``, and its acts so far."""

    number: int
    of: int
    title: Pair
    new: bool
    done: int
    total: int


Progress = Callable[[Telling], None]


#: People sign one thing after the other: a story told in seconds would look like entries made in a batch.
PACE = timedelta(minutes=2)


def demo_scenarios() -> Iterator[Path]:
    """The shipped scenario files."""
    folder = resources.files("api.scenario").joinpath("demo")
    for item in sorted(folder.iterdir(), key=lambda i: i.name):
        if item.name.endswith(".toml"):
            yield Path(str(item))


@dataclass(frozen=True, slots=True)
class DemoLog:
    """A demo log as it was found: ``current`` where it tells this version's story."""

    home: LogHome
    current: bool
    #: A trust policy to start from: the log's keys.
    policy: str = ""

    @property
    def cast(self) -> Path | None:
        """The folder of everybody's key files; None where an earlier version handed none out."""
        folder = _cast_folder(self.home)
        return folder if folder.is_dir() else None


def load_demos(settings: Settings, url: str, today: date, progress: Progress) -> list[DemoLog]:
    """Create and load every demo log; returns them.

    Idempotent. A log that exists and is spoilt is left as it is: opening the logs names it.
    """
    loaded, paths = [], list(demo_scenarios())
    for number, path in enumerate(paths, 1):
        try:
            loaded.append(_load(settings, url, path, today, progress, partial(Telling, number, len(paths))))
        except (EvidenceError, UnavailableError) as error:
            if error.code in OF_THE_HOME or path.stem not in {log.name for log in logs_of(settings)}:
                raise
            _log.error("demo_not_loaded", demo=path.stem, code=error.code)
    return loaded


def _load(
    settings: Settings, url: str, path: Path, today: date, progress: Progress, telling: Callable[..., Telling]
) -> DemoLog:
    scenario = read_scenario(path)
    origin = f"{ORIGIN}/{scenario.name}"
    _check_name_is_free(settings, scenario.name, origin)
    log = create_log(settings, url, scenario.name, origin)
    packs = packs_for(scenario)
    past = replace(scenario, acts=tuple(act for act in scenario.acts if act.recorded <= today))
    clock = SimulatedClock(past.starts, PACE)
    ledger = open_log(settings, url, log, clock)
    try:
        if not _same_story(log, path, packs, empty=ledger.size() == 0):
            return DemoLog(log, current=False, policy=ledger.heads.own_policy())
        cast = Cast(demo_seed(log), past)
        hand_out(log, cast)
        player = Player(ledger, cast, packs, clock)
        so_far = partial(telling, (scenario.title, scenario.title_en), ledger.size() == 0)
        progress(so_far(0, len(past.acts)))
        for _ in player.play(lambda done, total: progress(so_far(done, total))):
            pass
        Runner(ledger, ledger.database, ledger.size, ledger.vault.seal_of).catch_up()
        policy = ledger.heads.own_policy()
    finally:
        ledger.close()
    return DemoLog(log, current=True, policy=policy)


def _check_name_is_free(settings: Settings, name: str, origin: str) -> None:
    """Somebody's own log may have the short name of a demo: nothing is loaded into it."""
    if any(log.name == name and log.origin != origin for log in logs_of(settings)):
        raise MalformedError(
            "demo_name_taken",
            sentence(
                "{home} has a log {name} of its own, and a demo log of that name; serve without --demo, or with "
                "another home (RONGJIAN_HOME)",
                home=settings.home,
                name=name,
            ),
        )


def _cast_folder(log: LogHome) -> Path:
    return log.folder / "cast"


def hand_out(log: LogHome, cast: Cast) -> None:
    """Key files of everybody in the story, so that anybody can log in as anybody; only logs of made-up stories have
    such a folder.
    """
    folder = _cast_folder(log)
    folder.mkdir(mode=0o700, exist_ok=True)
    for name in dict.fromkeys([*FOUNDERS, *cast.persons(), *cast.scenario.organisations]):
        file = folder / f"{name}.pem"
        if not file.exists():
            file.touch(mode=0o600)
            file.write_bytes(to_pem(cast.key(name), None))


def _same_story(log: LogHome, path: Path, packs: dict[str, tuple[Pack, bytes]], *, empty: bool) -> bool:
    """Is the log of this story and these packs? One loaded by another version is left as it is, for ever."""
    digest = hashlib.sha256(path.read_bytes() + str(PACE).encode())
    for _, data in packs.values():
        digest.update(hashlib.sha256(data).digest())
    file = log.folder / "demo.sha256"
    if not file.exists():
        if not empty:
            return False
        file.write_text(digest.hexdigest(), "ascii")
    return file.read_text("ascii") == digest.hexdigest()
