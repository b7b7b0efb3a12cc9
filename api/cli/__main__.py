"""``python -m api.cli`` is ``rongjian``."""

from __future__ import annotations

import sys

from api.cli.parser import main

sys.exit(main())
