"""How days, moments, money, articles and values of parameters are written for people."""

from __future__ import annotations

from datetime import date, datetime

from api.languages import day_written, money_written
from api.rendering.messages import translator
from api.sentences import sentence, term
from ledger.clock import SHANGHAI
from ledger.derivation.procedure import STEP_NAMES
from ledger.derivation.words import word
from ledger.regulation.citations import cited
from ledger.regulation.parameters import is_amount
from ledger.sentences import told_in
from projections.inquiry.narrative import day as day_in_words


def day_in(language: str, value: str | date | None) -> str:
    """2026年11月21日, 21 November 2026; a dash for none."""
    if value is None:
        return "—"
    on = value if isinstance(value, date) else date.fromisoformat(value[:10])
    return day_written(language, on, day_in_words(on))


def moment_in(language: str, at: datetime) -> str:
    """2026年11月21日 14:03, in Shanghai's time."""
    local = at.astimezone(SHANGHAI)
    return f"{day_in(language, local.date())} {local:%H:%M}"


def money_in(language: str, fen: int | None) -> str:
    """1,234.50 元, CNY 1,234.50."""
    return "—" if fen is None else money_written(language, fen)


def shown(language: str, value: object, path: str, member: str = "") -> str:
    """The value of a parameter in words, amounts in yuan; the rows of a table one after the other."""
    match value:
        case bool():
            return {True: sentence("yes"), False: sentence("no")}[value].in_language(language)
        case None:
            return "—"
        case int() if is_amount(path, member):
            return money_in(language, value)
        case list():
            between = term("between values", "; ").in_language(language)
            return between.join(shown(language, v, path, member) for v in value)
        case {"step": str(step), **others}:
            return told_in(language, STEP_NAMES[step][:2]) + _cited(language, others.get("article"))
        case dict():
            told = [
                f"{told_in(language, word(k))} {shown(language, v, path, k)}"
                for k, v in value.items()
                if k not in ("rule", "article")
            ]
            return term("between members", ", ").in_language(language).join(told) + _cited(
                language, value.get("article")
            )
        case str():
            return told_in(language, word(value, member, path))
        case _:
            return str(value)


def _cited(language: str, articles: object) -> str:
    return aside(language, cited(articles).in_language(language)) if isinstance(articles, str) and articles else ""


def aside(language: str, text: object) -> str:
    """A text beside another, in the brackets of a language."""
    return sentence(" ({cited})", cited=text).in_language(language) if text else ""


def standing(language: str, status: str) -> str:
    """How an award or a notice stands, in words."""
    t = translator(language)
    own = {
        "expired": t("expired"),
        "undetermined": t("undetermined"),
        "not_derivable": t("not derivable"),
        "not_begun": t("not begun"),
        "running": t("running"),
        "over_not_closed": t("over; its end is not on record"),
        "closed": t("closed"),
    }
    return own.get(status) or told_in(language, word(status))
