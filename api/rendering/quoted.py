"""What stands on a page in another language than its own: names, numbers of documents, words of texts, whatever people
typed. It says so (``lang``, WCAG 3.1.2), so that it is read out and set as what it is.
"""

from __future__ import annotations

import re

from markupsafe import Markup, escape

#: Chinese characters, and the punctuation that goes with them.
_CHINESE = re.compile(r"[\u3000-\u303f\u3400-\u9fff\uff01-\uff60]")
#: A word in Latin letters that is no abbreviation and no part of a code.
_LATIN = re.compile(r"(?<![\w./:@-])[A-Za-z]*[a-z][A-Za-z]+(?![\w/:@-])")


def quoted(language: str, text: object) -> Markup:
    """A text as it was written: marked as Chinese on a page of another language, and as of none that is known where it
    holds Latin words on a Chinese page.
    """
    said = escape(text)
    if language != "zh" and _CHINESE.search(str(text)):
        return Markup('<span lang="zh-CN">{}</span>').format(said)
    if language == "zh" and _LATIN.search(str(text)):
        return Markup('<span lang="">{}</span>').format(said)
    return said


def enclosed(before: str, text: object, after: str) -> Markup:
    """A text between two others, of which it keeps its marks."""
    return escape(before) + escape(text) + escape(after)
