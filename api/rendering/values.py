"""How days, moments, money, articles and values of parameters are written for people."""

from __future__ import annotations

from datetime import date, datetime
from typing import TypedDict

from markupsafe import Markup, escape

from api.languages import day_written, money_written
from api.rendering.messages import PAGES, translator
from api.rendering.quoted import enclosed, quoted
from api.sentences import sentence, term
from ledger.clock import SHANGHAI
from ledger.derivation.meanings import meaning
from ledger.derivation.procedure import STEP_NAMES
from ledger.derivation.words import known_word, word
from ledger.regulation.citations import cited
from ledger.regulation.parameters import is_amount, spec_of
from ledger.regulation.readings import reading_in_words
from ledger.sentences import catalogue, told_in
from projections.inquiry.narrative import day as day_in_words
from projections.inquiry.narrative import day_of_year


def day_in(language: str, value: str | date | None) -> str:
    """2026年11月21日, 21 November 2026; a dash for none."""
    if value is None:
        return "—"
    on = value if isinstance(value, date) else date.fromisoformat(value[:10])
    return day_written(language, on, day_in_words(on))


def day_of_year_in(language: str, value: str) -> str:
    """11月21日, 21 November: a day among others of its year."""
    on = date.fromisoformat(value)
    return day_written(language, on, day_of_year(on), "d MMMM")


def length_in(language: str, number: int, unit: str) -> str:
    """5 个工作日, 5 working days; a number in another unit as it is, and an amount without one."""
    ngettext = catalogue(PAGES, language).ngettext
    match unit:
        case "working_day":
            return ngettext("%(num)s working day", "%(num)s working days", number) % {"num": number}
        case "day":
            return ngettext("%(num)s day", "%(num)s days", number) % {"num": number}
        case "month":
            return ngettext("%(num)s month", "%(num)s months", number) % {"num": number}
        case "year":
            return ngettext("%(num)s year", "%(num)s years", number) % {"num": number}
        case _:
            return f"{number} {told_in(language, word(unit, 'unit'))}"


def moment_in(language: str, at: datetime) -> str:
    """2026年11月21日 14:03, in Shanghai's time."""
    local = at.astimezone(SHANGHAI)
    return f"{day_in(language, local.date())} {local:%H:%M}"


def money_in(language: str, fen: int | None) -> str:
    """1,234.50 元, CNY 1,234.50."""
    return "—" if fen is None else money_written(language, fen)


#: Members of tables whose words are those of another member.
_WORDS_OF = {"id": "condition", "kinds": "kind", "sectors": "sector", "sizes": "size"}
#: Members of a table's row that say which row it is: their values need no name.
NAMELESS = frozenset({"id", "kind"})


def word_member(value: str, path: str, member: str = "") -> str:
    """The member by which a word of a parameter's value is read: that of its row, else the end of its path; none where
    the parameter itself says what the word means.
    """
    if not member and meaning(value, "", path) is not None:
        return ""
    named = member or path.rpartition(".")[2]
    return _WORDS_OF.get(named, named)


def shown(language: str, value: object, path: str, member: str = "") -> Markup:
    """The value of a parameter in words, amounts in yuan; the rows of a table one after the other. Words of the text
    itself are marked as what they are.
    """
    match value:
        case bool():
            return escape({True: sentence("yes"), False: sentence("no")}[value].in_language(language))
        case None:
            return Markup("—")
        case int() if is_amount(path, member):
            return escape(money_in(language, value))
        case list():
            between = escape(term("between values", "; ").in_language(language))
            return between.join(shown(language, v, path, member) for v in value)
        case {"step": str(step), **others}:
            return escape(told_in(language, STEP_NAMES[step][:2])) + _cited(language, others.get("article"))
        case dict():
            told = [
                told
                for k, v in value.items()
                if k not in ("rule", "article")
                and (told := _member_shown(told_in(language, word(k, "", path)), k, v, shown(language, v, path, k)))
            ]
            between = escape(term("between members", ", ").in_language(language))
            return between.join(told) + _cited(language, value.get("article"))
        case str():
            known = known_word(value, word_member(value, path, member), path)
            return escape(told_in(language, known)) if known else quoted(language, value)
        case _:
            return escape(str(value))


def _member_shown(name: str, member: str, value: object, said: Markup) -> Markup:
    """A member of a table's row: what a row is, and what holds of it, by itself; anything else behind its name."""
    if member in NAMELESS:
        return said
    return escape(name) if value is True else Markup("{} {}").format(name, said)


def _cited(language: str, articles: object) -> Markup:
    if not isinstance(articles, str) or not articles:
        return Markup("")
    return aside(language, quoted(language, cited(articles).in_language(language)))


def aside(language: str, said: object) -> Markup:
    """Something in brackets, as the language has them; it keeps its marks."""
    before, _, after = sentence(" ({cited})", cited="\0").in_language(language).partition("\0")
    return enclosed(before, said, after) if said else Markup("")


class Jurisdiction(TypedDict):
    """What a log or a pack calls its place; ``jurisdiction_en`` is null where it has no English name."""

    jurisdiction: str
    jurisdiction_en: str | None


def place_name(language: str, named: Jurisdiction) -> str:
    """What a place is called: by its Chinese name where it has no other."""
    own, english = named["jurisdiction"], named["jurisdiction_en"]
    return own if english is None else told_in(language, (own, english))


def reading_told(language: str, reference: str) -> Markup:
    """What a reading says that an answer names; one that an interpretation chose, by the name of its parameter."""
    if (words := reading_in_words(reference)) is not None:
        return escape(told_in(language, words))
    path = reference.partition("@")[0]
    try:
        spec = spec_of(path)
    except KeyError:
        return Markup("<code>{}</code>").format(path)
    return escape(told_in(language, (spec.zh, spec.en)))


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
