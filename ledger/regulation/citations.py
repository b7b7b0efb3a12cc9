"""Articles as people cite them: ``ZY:24(2)`` of a pack or a statement is told as Art. 24(2), item 2 of article 24.

Packs cite by the numbers of their text: an article and its item (``24(2)``), a part with its item and number in a text
that has no articles, or a point of an interpretation with the article that it speaks of (``4.6(§14)`` with a Chinese
numeral first). The letters before the colon name the text, which a page says elsewhere. In each text the items of an
article stand in its only paragraph, so that no paragraph is named between them.
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterable

from ledger.sentences import Sentence, between_names, enumeration, rows_of, sentence

#: 1 to 99 as the articles of a regulation are numbered.
_NUMERALS = [row[0] for row in rows_of("ledger.regulation", "numerals.txt")]
_NUMBER = {numeral: str(n) for n, numeral in enumerate(_NUMERALS, 1)}
_CHINESE = "[" + "".join(sorted(set("".join(_NUMERALS)))) + "]+"

#: A comma between citations, and none within the brackets of one.
_BETWEEN = re.compile(r",(?![^(]*\))")
#: Item 0 of an article is the sentence that leads to its items.
_ARTICLE = re.compile(r"([1-9]\d?)(?:\((\d{1,2})\))?")
_ITEMS = re.compile(r"(\d{1,2})\((\d{1,2})\)-\((\d{1,2})\)")
_ARTICLES = re.compile(r"(\d{1,2})-(\d{1,2})")
_PART = re.compile(rf"({_CHINESE})(?:\(({_CHINESE})\)(\d{{1,2}})?)?")
_POINT = re.compile(rf"({_CHINESE})\.(\d{{1,2}})(?:\(§([\d,]+)\))?")
#: Several items of an article, each in its own brackets.
_EACH = re.compile(r"(\d{1,2})((?:\(\d{1,2}\)){2,})")
#: Citations of one text after its letters, as ``HY10(3)-(4),19``.
_ONE = r"[\d" + _CHINESE[1:-1] + r"](?:[^\s,;()]|\([^)]*\))*"
_OF_A_TEXT = re.compile(rf"\b([A-Z]{{2}})({_ONE}(?:, ?{_ONE})*)")


def cited(citations: str | Iterable[str]) -> Sentence:
    """Citations in words, one after the other; what is cited in another form stays as it is."""
    given = [citations] if isinstance(citations, str) else citations
    several = [one for each in given for one in _BETWEEN.split(each)]
    return enumeration((_cited(one.strip().rpartition(":")[2]) for one in several), between_names())


def cited_of(texts: Container[str], citations: str) -> Sentence:
    """Of citations of several texts (``ZY4,5 HY10(3)``), those of the texts with these letters, in words."""
    return cited(found[2] for found in _OF_A_TEXT.finditer(citations) if found[1] in texts)


def _cited(text: str) -> Sentence | str:
    """One citation without the letters of its text."""
    if found := _ARTICLE.fullmatch(text):
        return _article(found[1], found[2])
    if found := _ITEMS.fullmatch(text):
        first, last = _numeral(found[2]), _numeral(found[3])
        return sentence("{article}, items {first} to {last}", article=_article(found[1]), first=first, last=last)
    if found := _EACH.fullmatch(text):
        items = [_article(found[1], item) for item in re.findall(r"\d+", found[2])]
        return enumeration(items, between_names())
    if found := _ARTICLES.fullmatch(text):
        return sentence("{first} to {last}", first=_article(found[1]), last=_article(found[2]))
    if found := _PART.fullmatch(text):
        return _part(*found.groups())
    if found := _POINT.fullmatch(text):
        return _point(*found.groups())
    return text


def _numeral(number: str) -> tuple[str, str]:
    """A number as a text in each language writes it."""
    n = int(number)
    return (_NUMERALS[n - 1] if 0 < n <= len(_NUMERALS) else number, number)


def _article(number: str, item: str | None = None) -> Sentence:
    if item is None or item == "0":
        return sentence("Art. {article}", article=_numeral(number))
    return sentence("Art. {article}({item})", article=_numeral(number), item=_numeral(item))


def _both(numeral: str) -> tuple[str, str]:
    return (numeral, _NUMBER[numeral])


def _part(part: str, item: str | None, number: str | None) -> Sentence | str:
    if any(n is not None and n not in _NUMBER for n in (part, item)):
        return "".join(filter(None, (part, item and f"({item})", number)))
    if item is None:
        return sentence("part {part}", part=_both(part))
    if number is None:
        return sentence("part {part}({item})", part=_both(part), item=_both(item))
    return sentence("part {part}({item}), no. {number}", part=_both(part), item=_both(item), number=number)


def _point(part: str, point: str, articles: str | None) -> Sentence | str:
    if part not in _NUMBER:
        return f"{part}.{point}" + (f"(§{articles})" if articles else "")
    named = sentence("interpretation, part {part}, point {point}", part=_both(part), point=point)
    if articles is None:
        return named
    return sentence("{point} ({articles})", point=named, articles=cited(articles))
