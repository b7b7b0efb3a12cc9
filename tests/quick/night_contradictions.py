"""Courses with one or two steps left out, as many as there is time for: no two facts contradict each other.

python -m tests.quick.night_contradictions [--minutes N] [--seed N]
"""

from __future__ import annotations

import argparse
import random
import secrets
import sys
import time

import structlog

from tests.flags.texts import PACKS
from tests.quick.contradictions import contradictions, days
from tests.quick.test_no_contradictions import choices, left_out


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--seed", type=int, default=secrets.randbelow(2**31))
    options = parser.parse_args()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(50))
    drawn, until, courses, found = random.Random(options.seed), time.monotonic() + 60 * options.minutes, 0, 0
    print(f"seed {options.seed}")
    while time.monotonic() < until or courses == 0:
        code, force = drawn.choice(sorted(PACKS)), drawn.random() < 0.5
        missing = drawn.choice(choices(code, drawn.choice((1, 2))))
        ledger = left_out(code, missing, force=force)
        for told in (told for on in days(ledger) for told in contradictions(ledger, on)):
            found += 1
            print(f"{code} without {missing}{' by override' if force else ''}: {told}")
        courses += 1
    print(f"{courses} courses, {found} contradictions")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
