"""What a clean course of each text is played with."""

from __future__ import annotations

from datetime import date
from typing import Any

PACKS = {
    "ZY": "zhongyuan/draft",
    "JD": "jindong/draft",
    "HY": "hengyang/draft",
    "JS": "jinshui/interpretation",
    "GZ": "ganzhou/2022",
}

#: Everything has happened by then, and every duty of the first edition's winners is settled.
END = {
    "ZY": date(2027, 8, 2),
    "JD": date(2026, 1, 5),
    "HY": date(2026, 8, 3),
    "JS": date(2026, 8, 3),
    "GZ": date(2026, 8, 3),
}
CYCLE = {"ZY": 2, "JD": 1, "HY": 2, "JS": 2, "GZ": 2}

#: What a text that was not seen is taken to say, each recorded as a reading.
ASSUMED: dict[str, dict[str, Any]] = {
    "JS": {
        "notice.min": {"value": 5, "unit": "working_day"},
        "quota.max.quality": 3,
        "prize.first.quality": 30_000_000,
        "prize.rewin.quality": 0,
        "validity": {"value": 4, "unit": "year"},
        "reapply.quality": {"kind": "after_expiry"},
        "lookback": {"value": 3, "unit": "year"},
        "revoke.fraud.clawback": True,
    }
}
