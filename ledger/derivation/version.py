"""Which version of the folds answers: what the register, each ``why`` and each package say of how they were derived.

A fold may be mended; what it answered before stays what it answered. So every answer names the version that made it, a
register of another version is built anew, and a package of another version is judged by what it proves
(:mod:`api.evidence.check`). Versions and what each changed stand in ``docs/spec`` section 10.
"""

from __future__ import annotations

from typing import Final

#: Raised by one whenever a fold, a reading's default, or the reason of an answer changes for some log. A test holds the
#: answers about logs that are kept against this number.
DERIVATION: Final = 3

#: The version of whatever names none: answers and packages from before versions were named.
UNNAMED: Final = 1
