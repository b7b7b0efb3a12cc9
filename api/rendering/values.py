"""How days, moments, money, articles and values of parameters are written for people."""

from __future__ import annotations

from datetime import date, datetime

from api.rendering.messages import LANGUAGES, translator
from api.sentences import sentence, term
from ledger.clock import SHANGHAI
from ledger.derivation.procedure import STEP_NAMES
from ledger.derivation.words import word
from ledger.regulation.citations import cited
from ledger.regulation.parameters import is_amount
from ledger.yuan import in_words
from projections.inquiry.narrative import day as day_in_words


def day_in(language: str, value: str | date | None) -> str:
    """2026年11月21日, 21 November 2026; a dash for none."""
    if value is None:
        return "—"
    on = value if isinstance(value, date) else date.fromisoformat(value[:10])
    return day_in_words(on)[LANGUAGES.index(language)]


def moment_in(language: str, at: datetime) -> str:
    """2026年11月21日 14:03, in Shanghai's time."""
    local = at.astimezone(SHANGHAI)
    return f"{day_in(language, local.date())} {local:%H:%M}"


def money_in(language: str, fen: int | None) -> str:
    """1,234.50 元, CNY 1,234.50."""
    if fen is None:
        return "—"
    return in_words(fen)[LANGUAGES.index(language)]


def shown(language: str, value: object, path: str, member: str = "") -> str:
    """The value of a parameter in words, amounts in yuan; the rows of a table one after the other."""
    column = LANGUAGES.index(language)
    match value:
        case bool():
            return {True: sentence("yes"), False: sentence("no")}[value][column]
        case None:
            return "—"
        case int() if is_amount(path, member):
            return money_in(language, value)
        case list():
            between = term("between values", "; ").in_language(language)
            return between.join(shown(language, v, path, member) for v in value)
        case {"step": str(step), **others}:
            return STEP_NAMES[step][column] + _cited(language, others.get("article"))
        case dict():
            told = [
                f"{word(k)[column]} {shown(language, v, path, k)}"
                for k, v in value.items()
                if k not in ("rule", "article")
            ]
            return term("between members", ", ").in_language(language).join(told) + _cited(
                language, value.get("article")
            )
        case str():
            return word(value, member, path)[column]
        case _:
            return str(value)


def _cited(language: str, articles: object) -> str:
    if not isinstance(articles, str) or not articles:
        return ""
    return sentence(" ({cited})", cited=cited(articles)).in_language(language)


def standing(language: str, status: str) -> str:
    """How an award or a notice stands, in words."""
    t = translator(language)
    own = {
        "expired": t("expired"),
        "undetermined": t("cannot be told"),
        "not_derivable": t("could not be derived"),
        "not_begun": t("not begun"),
        "running": t("running"),
        "over_not_closed": t("over; its end is not on record"),
        "closed": t("closed"),
    }
    return own.get(status) or word(status)[LANGUAGES.index(language)]
