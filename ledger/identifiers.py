"""Identifiers and scalar grammars, parsed once and strictly at the edge.

Credit codes follow GB 32100-2015 with the inner check digit of GB 11714; document numbers (发文字号) follow
GB/T 9704. ``int()``, ``fromisoformat`` and friends accept more than a specification does, so every parser
here checks a grammar first. All raise MalformedError naming the value and what is expected.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import cache, lru_cache
from typing import TYPE_CHECKING

from ledger.clock import SHANGHAI
from ledger.errors import InvariantError, MalformedError, not_installed
from ledger.sentences import Pair, sentence

if TYPE_CHECKING:
    from publicsuffixlist import PublicSuffixList

#: GB 32100-2015 section 4: 31 symbols, without I O S V Z.
USCC_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
#: GB 32100-2015: weight i is 3^(i-1) mod 31.
_USCC_WEIGHTS = (1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28)
#: GB 11714 weights for positions 9..16 of the credit code.
_ORGANISATION_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)

_USCC = re.compile(rf"[{USCC_ALPHABET}]{{18}}", re.ASCII)
_IDENTIFIER = re.compile(r"[A-Za-z0-9][A-Za-z0-9._/-]{0,79}", re.ASCII)
_UUID7 = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}", re.ASCII)
_ORIGIN = re.compile(r"[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?(?:/[a-z0-9._-]+)*", re.ASCII)
_DIGEST = re.compile(r"[0-9a-f]{64}", re.ASCII)
_DECIMAL = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?", re.ASCII)
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)
_INSTANT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{1,6})?(?:Z|\+08:00)", re.ASCII)
_DOCUMENT = re.compile(r"([\u4e00-\u9fff]{2,16})[〔\[(【〈（](19|20)([0-9]{2})[〕\])】〉）]([1-9][0-9]*)号")

_LOOKS = str.maketrans("0O1I", "ooll")

#: What people put between the digits of a number: blanks, hyphens and the like, of any width.
_BETWEEN = re.compile(r"[\s\u2010-\u2015\u2212\ufe58\ufe63\uff0d_.-]+")

#: Days of public honours: before the first five-year plan nothing, after 2999 nothing that a period could reach.
YEAR_MIN, YEAR_MAX = 1900, 2999

#: Origin of a log is a C2SP key name; a checkpoint line holds it, so it is kept short.
ORIGIN_LENGTH_MAX = 100


def parse_uscc(text: str) -> str:
    """A unified social credit code with both check digits right; returns it unchanged."""
    if not _USCC.fullmatch(text):
        raise _malformed(
            "uscc",
            text,
            sentence("18 characters of the GB 32100-2015 alphabet"),
        )
    if text[16] != _organisation_check(text[8:16]):
        raise _malformed("uscc", text, sentence("a correct GB 11714 check digit at position 17"))
    if text[17] != _code_check(text[:17]):
        raise _malformed("uscc", text, sentence("a correct GB 32100-2015 check digit at position 18"))
    return text


def completed_uscc(beginning: str) -> str:
    """A unified social credit code from its first 16 characters, with both check digits."""
    if len(beginning) != 16 or not set(beginning) <= set(USCC_ALPHABET):
        raise InvariantError(f"{beginning} is no beginning of a credit code")
    body = beginning + _organisation_check(beginning[8:])
    return body + _code_check(body)


def _code_check(body: str) -> str:
    total = sum(USCC_ALPHABET.index(c) * w for c, w in zip(body, _USCC_WEIGHTS, strict=True))
    # "31 minus remainder" alone would be 31, which has no symbol, where the remainder is 0.
    return USCC_ALPHABET[(31 - total % 31) % 31]


def _organisation_check(body: str) -> str:
    total = sum(int(c, 36) * w for c, w in zip(body, _ORGANISATION_WEIGHTS, strict=True))
    return {10: "X", 11: "0"}.get(11 - total % 11, str(11 - total % 11))


@dataclass(frozen=True, slots=True)
class DocumentNumber:
    """A 发文字号: ``raw`` as written, ``canonical`` with 六角括号 and without spaces."""

    raw: str
    agency: str
    year: int
    sequence: int

    @property
    def canonical(self) -> str:
        return f"{self.agency}〔{self.year}〕{self.sequence}号"


def parse_document_number(text: str) -> DocumentNumber:
    """Accepts the bracket forms and spaces seen on official pages; the sequence has no leading zero."""
    match = _DOCUMENT.fullmatch(re.sub(r"\s+", "", text.split("（演示）")[0]))
    if match is None:
        raise _malformed("document number", text, sentence("agency〔year〕number号"))
    return DocumentNumber(text, match[1], int(match[2] + match[3]), int(match[4]))


def same_document(one: str, other: str) -> bool:
    """Do two texts name the same document? Written forms of one number are equal; anything else is by letter."""
    try:
        return parse_document_number(one).canonical == parse_document_number(other).canonical
    except MalformedError:
        return one == other


def parse_identifier(text: str, field: str = "identifier") -> str:
    """An id of a principal, case, award, edition ...: public or pseudonymous, never a name."""
    if not _IDENTIFIER.fullmatch(text):
        raise _malformed(field, text, sentence("letters, digits and ._/- (at most 80)"))
    return text


@lru_cache(4_096)
def shapes(text: str) -> frozenset[str]:
    """What an id is in the eyes of a reader: ids with a shape in common are taken for one another.

    One is the id without case, and 0 as o; the other has 0 and O as o, 1 and I as l, rn as m: the confusables of
    Unicode TS 39 within letters and digits of ASCII. L and I alone are not confused.
    """
    return frozenset(("case " + text.lower().replace("0", "o"), "look " + text.translate(_LOOKS).replace("rn", "m")))


def parse_statement_id(text: str) -> str:
    """A UUIDv7 in lower case (RFC 9562 section 5.7)."""
    if not _UUID7.fullmatch(text):
        raise _malformed("id", text, sentence("a UUIDv7 in lower case"))
    return text


def parse_origin(text: str) -> str:
    """The origin of a log (c2sp.org/tlog-checkpoint): a schema-less URL in lower case."""
    if len(text) > ORIGIN_LENGTH_MAX or not _ORIGIN.fullmatch(text):
        raise _malformed("log", text, sentence("a schema-less lower-case URL"))
    return text


def is_public_suffix(host: str) -> bool:
    """Is it a name under which anybody registers sites (com, gov.cn, github.io: publicsuffix.org), or one label only?

    The machine itself (localhost) is none. Raises NotInstalledError where the list of them is needed and is not here.
    """
    return host != "localhost" and ("." not in host or _suffixes().publicsuffix(host) == host)


@cache
def _suffixes() -> PublicSuffixList:
    try:
        from publicsuffixlist import PublicSuffixList
    except ModuleNotFoundError as error:
        raise not_installed("publicsuffixlist") from error
    return PublicSuffixList()


def parse_digest(text: str, field: str = "sha256") -> str:
    """64 lower-case hexadecimal digits."""
    if not _DIGEST.fullmatch(text):
        raise _malformed(field, text, sentence("64 lower-case hexadecimal digits"))
    return text


def parse_decimal(text: str, field: str = "decimal") -> Decimal:
    """A plain decimal: no exponent, no leading zeros, no sign but ``-``."""
    if not _DECIMAL.fullmatch(text) or len(text) > 30:
        raise _malformed(field, text, sentence("a plain decimal such as 600 or 599.50"))
    return Decimal(text)


def parse_date(text: str, field: str = "date") -> date:
    """``YYYY-MM-DD`` of a day that exists."""
    try:
        if _DATE.fullmatch(text) and YEAR_MIN <= int(text[:4]) <= YEAR_MAX:
            return date.fromisoformat(text)
    except ValueError:
        pass
    raise _malformed(field, text, sentence("a day that exists, as YYYY-MM-DD"))


def parse_instant(text: str, field: str = "timestamp") -> datetime:
    """RFC 3339 with ``Z`` or ``+08:00`` and at most six decimals; returned aware."""
    try:
        if _INSTANT.fullmatch(text) and YEAR_MIN <= int(text[:4]) <= YEAR_MAX:
            return datetime.fromisoformat(text)
    except ValueError:
        pass
    raise _malformed(field, text, sentence("RFC 3339 with Z or +08:00"))


def parse_effective(text: str) -> tuple[date, datetime | None]:
    """``effective_at``: a day, or an instant whose Shanghai day counts. Returns (day, instant or None)."""
    if "T" not in text:
        return parse_date(text, "effective_at"), None
    instant = parse_instant(text, "effective_at")
    return instant.astimezone(SHANGHAI).date(), instant


def _malformed(field: str, value: str, told: Pair) -> MalformedError:
    shown = value[:80]
    return MalformedError(
        "malformed_field",
        sentence("{field} {shown}: expected {expected}", field=field, shown=shown, expected=told),
        field=field,
    )


def normal_number(number: str) -> str:
    """An identity number as everybody means it who writes it: one width, capital letters, nothing between the
    digits.
    """
    return _BETWEEN.sub("", unicodedata.normalize("NFKC", number)).upper()


def spellings(number: str) -> list[str]:
    """The normal form of an identity number first, then what earlier links may have been made of: as written, in small
    letters.
    """
    normal = normal_number(number)
    # A number of nothing but hyphens is nobody's in particular.
    return list(dict.fromkeys((normal, number, normal.lower()))) if normal else [number]
