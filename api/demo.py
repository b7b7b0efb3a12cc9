"""The demo logs: the shipped scenarios, loaded through the same admission as everybody's events.

Only acts that lie in the past are loaded; a scenario's projections follow when their day has come. A load that
was interrupted goes on where it stopped, because the cast's keys, salts and ids come from the log's seed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from importlib import resources
from pathlib import Path

from api.bootstrap import LogHome, create_log, demo_seed, open_log
from api.scenario.cast import Cast
from api.scenario.document import Scenario, read_scenario
from api.scenario.play import Player, SimulatedClock
from api.scenario.run import packs_for
from api.settings import Settings
from projections.runner import Runner

ORIGIN = "demo.rongjian.example"

Progress = Callable[[str, int, int], None]


def demo_scenarios() -> Iterator[Path]:
    """The shipped scenario files."""
    folder = resources.files("api.scenario").joinpath("demo")
    for item in sorted(folder.iterdir(), key=lambda i: i.name):
        if item.name.endswith(".toml"):
            yield Path(str(item))


def load_demos(settings: Settings, url: str, today: date, progress: Progress) -> list[LogHome]:
    """Create and load every demo log; returns them. Idempotent."""
    return [_load(settings, url, read_scenario(path), today, progress) for path in demo_scenarios()]


def _load(settings: Settings, url: str, scenario: Scenario, today: date, progress: Progress) -> LogHome:
    log = create_log(settings, url, scenario.name, f"{ORIGIN}/{scenario.name}")
    past = replace(scenario, acts=tuple(act for act in scenario.acts if act.recorded <= today))
    clock = SimulatedClock(past.starts)
    ledger = open_log(settings, url, log, clock)
    try:
        player = Player(ledger, Cast(demo_seed(log), past), packs_for(past), clock)
        for _ in player.play(lambda done, total: progress(scenario.title, done, total)):
            pass
        Runner(ledger, ledger.database, ledger.size).catch_up()
    finally:
        ledger.close()
    return log
