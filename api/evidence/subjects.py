"""What an evidence package can be about."""

from __future__ import annotations

#: Kinds of subjects.
SUBJECTS = ("case", "award", "org", "edition")
