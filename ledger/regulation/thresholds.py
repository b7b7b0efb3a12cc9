"""The thresholds of the audit: from when on a check takes notice. None is law; a pack's ``[audit]`` may set them.

The catalogue says of each of what kind it is and within which bounds. A new pack that states another name or value is
refused. Packs that a log holds already were never asked: what is odd in them stays theirs, and is found where the
threshold is read, so that only the check that needs it cannot be judged.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from ledger.sentences import Pair, enumeration, sentence

Kind = Literal["whole", "share", "hours"]

#: As far as a count of days reaches anywhere (``periods.DAYS_MAX``), and working days within it.
_DAYS_MAX, _WORKDAYS_MAX = 3_660, 1_200
_SECONDS_MAX = 86_400
_EVENTS_MAX = 10_000
_WHOLE = 100

_HOURS = re.compile(r"((?:[01][0-9]|2[0-3]):[0-5][0-9])-((?:[01][0-9]|2[0-3]):[0-5][0-9])", re.ASCII)


@dataclass(frozen=True, slots=True)
class Threshold:
    """One threshold: its kind, what is used where a pack does not say, and the bounds of a number, both inclusive."""

    kind: Kind
    default: int | str
    least: int = 0
    most: int = 0

    def wrong(self, value: object) -> Pair | None:
        """What is wrong with a value; None where it is one."""
        match self.kind:
            case "hours":
                hours = _HOURS.fullmatch(value) if isinstance(value, str) else None
                if hours is None or hours[1] >= hours[2]:
                    return sentence('must be hours such as "08:00-18:00", the earlier first')
            case "share":
                number = value if type(value) is int or isinstance(value, Decimal) else None
                if number is None or not Decimal(number).is_finite() or not self.least <= number <= self.most:
                    return sentence("must be a number from {least} to {most}", least=self.least, most=self.most)
            case "whole":
                if type(value) is not int or not self.least <= value <= self.most:
                    return sentence("must be a whole number from {least} to {most}", least=self.least, most=self.most)
        return None


#: By name, in the order in which they are told. A burst needs two entries, identical scores two cases.
THRESHOLDS: Mapping[str, Threshold] = {
    "late.grace_days": Threshold("whole", 3, 0, _DAYS_MAX),
    "late.grace_days_department": Threshold("whole", 30, 0, _DAYS_MAX),
    "follow_up_days": Threshold("whole", 60, 0, _DAYS_MAX),
    "objection.max_workdays": Threshold("whole", 15, 0, _WORKDAYS_MAX),
    "score.outlier_percent_of_full": Threshold("share", 8, 0, _WHOLE),
    "working_hours": Threshold("hours", "08:00-18:00"),
    "lookback.cure_days": Threshold("whole", 30, 0, _DAYS_MAX),
    "revocation.settle_days": Threshold("whole", 30, 0, _DAYS_MAX),
    "burst.events": Threshold("whole", 10, 2, _EVENTS_MAX),
    "burst.seconds": Threshold("whole", 300, 0, _SECONDS_MAX),
    "panel.burst_seconds": Threshold("whole", 60, 0, _SECONDS_MAX),
    "score.identical_cases": Threshold("whole", 4, 2, _EVENTS_MAX),
    "access_record.days": Threshold("whole", 31, 0, _DAYS_MAX),
}


def wrong_threshold(audit: Mapping[str, object]) -> tuple[str, Pair] | None:
    """The first name of an ``[audit]`` that is wrong, and what is wrong with it; None where none is."""
    for name, value in audit.items():
        threshold = THRESHOLDS.get(name)
        if threshold is None:
            return name, sentence("is no threshold; there are {names}", names=enumeration(THRESHOLDS))
        wrong = threshold.wrong(value)
        if wrong is not None:
            return name, wrong
    return None
