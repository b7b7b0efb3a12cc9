"""Sums and scores as no reader should meet them."""

from __future__ import annotations

import re

#: An amount of the demo in fen, or the word for it, where yuan are read; JSON and the scripts' vocabulary keep fen.
FEN = re.compile(r"\(分\)|\(fen\)|(?<![\d,])(?:20,?000,?000|30,?000,?000|50,?000,?000|100,?000,?000)(?![\d,.])")
#: A decimal of a score or a mean with more than two places.
LONG = re.compile(r"(?<![\w.])\d+\.\d{3,}(?![\w.])")
