"""The part of a package that people read: answers, events, and what was proven, in one self-contained page a
language.
"""

from __future__ import annotations

import html
import json
from collections.abc import Iterable, Mapping, Sequence
from importlib import resources
from typing import NotRequired, TypedDict

from api.evidence.wording import wording
from api.sentences import sentence, term
from ledger import canonical
from ledger.clock import SHANGHAI
from ledger.derivation.version import DERIVATION
from ledger.derivation.words import known_word
from ledger.disclosure import Disclosure
from ledger.entry import RecordedEvent, acts
from ledger.errors import not_installed
from ledger.events.identity import KeyRevoked
from ledger.events.labels import LABELS
from ledger.events.oversight import TimeAttested
from ledger.regulation.citations import cited
from ledger.regulation.parameters import is_amount
from ledger.regulation.readings import reading_in_words
from ledger.sentences import Pair, enumeration
from ledger.text import visible
from ledger.yuan import in_words
from projections.figures import flag_sentence, score, without_unit
from projections.kinds import MONEY, SCORES, member_of
from projections.labels import MEMBERS
from projections.suspect_keys import SuspectSignature, suspect_signatures

_STYLE = "\n" + resources.files("api.evidence").joinpath("report.css").read_text("utf-8")

#: Characters of an event's content that stand open; a calendar of a year is folded away.
_SHORT = 3_000

_WORDS = {
    "title": sentence("Evidence package"),
    "log": sentence("Log"),
    "as_of": sentence("As of (what had happened by the end of this day)"),
    "known_at": sentence("Known at (entries the log had)"),
    "answers": sentence("Answers"),
    "question": sentence("Question"),
    "answer": sentence("Answer"),
    "why": sentence("Basis"),
    "events": sentence("Events ({} in all)"),
    "position": term("of a row", "No."),
    "recorded": sentence("Recorded at"),
    "suspect": sentence("the key of {} was compromised since {}"),
    "not_before": sentence("not before, as a time-stamp says:"),
    "effective": sentence("Happened"),
    "what": sentence("Event"),
    "who": sentence("Who"),
    "opened": sentence("Restricted fields that were opened"),
    "content": sentence("content"),
    "undetermined": sentence("undetermined"),
    "not_applicable": sentence("not applicable"),
    "not_derivable": sentence("not derivable"),
    "articles": sentence("articles"),
    "because": sentence("events"),
    "readings": sentence("readings"),
    "packs": sentence("packs"),
    "calendars": sentence("calendars"),
    "yes": sentence("yes"),
    "no": sentence("no"),
    "nothing": ("—", "—"),
    "note": sentence(
        "This page is recomputed from the entries. Checking the package writes it anew and compares every byte."
    ),
}
_KINDS = {
    "case": sentence("case"),
    "award": sentence("award"),
    "org": sentence("organisation"),
    "edition": sentence("edition"),
}


class SubjectJson(TypedDict):
    kind: str
    id: str


class QuestionJson(TypedDict):
    """What a package answers, as its manifest states it."""

    origin: str
    subject: SubjectJson
    as_of: str
    known_at: int
    flags: bool


class WhyJson(TypedDict):
    """What an answer rests on."""

    events: list[str]
    articles: list[str]
    packs: list[str]
    readings: list[str]
    calendars: list[str]
    derivation: int


class AbsentJson(TypedDict):
    """What stands where there is no value."""

    zh: str
    en: str


class AnswerJson(TypedDict):
    """An answer as a package states it: under the name of its state stands its value, or why there is none."""

    fact: str
    number: str
    zh: str
    en: str
    subject: str
    as_of: str
    known_at: int
    state: str
    value: NotRequired[object]
    undetermined: NotRequired[AbsentJson]
    not_applicable: NotRequired[AbsentJson]
    not_derivable: NotRequired[AbsentJson]
    why: WhyJson


def explanation() -> str:
    """Each proof in plain words, Chinese first."""
    return resources.files("api.evidence").joinpath("README.txt").read_text("utf-8")


def written_by(derivation: int = DERIVATION, words: str | None = None) -> str:
    """What a report says of the version that wrote it; its package says the same."""
    return f"rongjian derivation={derivation} words={wording() if words is None else words}"


def pages(
    question: QuestionJson,
    answers: Sequence[AnswerJson],
    events: Sequence[RecordedEvent],
    disclosures: Sequence[Disclosure],
) -> dict[str, bytes]:
    """The report by the names of its files: one page a language."""
    return {
        "report.zh.html": report(question, answers, events, disclosures, chinese=True).encode(),
        "report.en.html": report(question, answers, events, disclosures, chinese=False).encode(),
    }


def printed(written: Mapping[str, bytes]) -> dict[str, bytes]:
    """The pages of a report set in PDF, by the names of their files.

    Raises NotInstalledError where the library that sets them is missing.
    """
    try:
        from api.evidence.pdf import pdf
    except ModuleNotFoundError as error:
        raise not_installed("reportlab") from error
    return {
        name.replace(".html", ".pdf"): pdf(page.decode(), chinese=name == "report.zh.html")
        for name, page in written.items()
    }


def report(
    question: QuestionJson,
    answers: Sequence[AnswerJson],
    events: Sequence[RecordedEvent],
    disclosures: Sequence[Disclosure],
    *,
    chinese: bool,
) -> str:
    """The page in one language: a pure function of what the package proves, well formed whatever its entries hold."""
    page = _Page(chinese, {e.statement.id: e.position for e in events})
    kind, subject = question["subject"]["kind"], question["subject"]["id"]
    title = f"{page.word('title')} · {_KINDS[kind][page.column]} {subject}"
    head = "".join(
        f"<dt>{page.word(name)}</dt><dd>{html.escape(str(said))}</dd>"
        for name, said in (
            ("log", question["origin"]),
            ("as_of", question["as_of"]),
            ("known_at", question["known_at"]),
        )
    )
    rows = "".join(page.answer(a) for a in answers)
    revocations = [e for e in events if isinstance(e.statement.payload, KeyRevoked)]
    timeline = "".join(
        page.event(e, _attested_before(events, e.position), suspect_signatures(e, revocations)) for e in events
    )
    opened = "".join(
        f"<tr><td>{page.position(d.event)}</td><td><code>{html.escape(d.opening.pointer)}</code></td>"
        f"<td>{page.shown(d.opening.value)}</td></tr>"
        for d in disclosures
    )
    opened = f"<h2>{page.word('opened')}</h2><table>{opened}</table>" if opened else ""
    return visible(
        f'<!doctype html><html lang="{"zh-CN" if chinese else "en"}"><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1"><meta name="generator" '
        f'content="{written_by()}"><title>{html.escape(title)}</title>'
        f"<style>{_STYLE}</style><h1>{html.escape(title)}</h1><dl>{head}</dl><p>{page.word('note')}</p>"
        f"<h2>{page.word('answers')}</h2>{page.table(('question', 'answer', 'why'), rows)}{opened}"
        f"<h2>{page.word('events').format(len(events))}</h2>"
        f"{page.table(('position', 'effective', 'recorded', 'what', 'who', 'why'), timeline)}</html>\n"
    )


def _attested_before(events: Sequence[RecordedEvent], position: int) -> tuple[RecordedEvent, TimeAttested] | None:
    """The newest token from outside that stands in the log at or before a position."""
    return next(reversed([found for found in acts(TimeAttested, events) if found[0].position <= position]), None)


def _text(text: str, name: str, of: str) -> Pair:
    """A text as the value of a member of an event type or fact."""
    return known_word(text, name, of) or ((score(text),) * 2 if name in SCORES else (text, text))


def _member(key: str) -> str:
    """The member that a key names: the end of a JSON Pointer, or the key itself."""
    return key.rpartition("/")[2] if key.startswith("/") else key


def _amount_beside(members: Mapping[str, object]) -> str:
    """Where ``value`` is the amount of a parameter whose path stands beside it: the name of a member that is money."""
    path = members.get("param_path")
    return "amount" if isinstance(path, str) and is_amount(path) else ""


def _sentences(value: Mapping[str, object]) -> Mapping[str, object]:
    """A member that is the finding of a flag, its sentences as people read them."""
    match value:
        case {"flag": str(flag), "zh": str(zh), "en": str(en)}:
            return {**value, "zh": flag_sentence(flag, zh), "en": flag_sentence(flag, en)}
        case _:
            return value


class _Page:
    """How things are written in one language."""

    def __init__(self, chinese: bool, positions: Mapping[str, int]) -> None:
        self.column = 0 if chinese else 1
        self._positions = positions

    def word(self, name: str) -> str:
        return html.escape(_WORDS[name][self.column])

    def listed(self, names: Iterable[str]) -> str:
        return enumeration(names)[self.column]

    def table(self, names: Sequence[str], rows: str) -> str:
        heads = "".join(f"<th>{self.word(n)}</th>" for n in names)
        return f'<div class="wide"><table><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table></div>'

    def answer(self, answer: AnswerJson) -> str:
        state = answer["state"]
        fact = answer["fact"]
        titles = (answer["zh"], answer["en"])
        absent = answer.get("undetermined") or answer.get("not_applicable") or answer.get("not_derivable")
        if absent is not None:
            said = (absent["zh"], absent["en"])[self.column]
            shown = f'<span class="state {state}">{self.word(state)}</span> {html.escape(said)}'
        else:
            shown = self.shown(answer.get("value"), fact, labels={**MEMBERS, fact: titles}, of=fact)
        name = html.escape(without_unit(titles[self.column]))
        return f"<tr><td>{name}</td><td>{shown}</td><td>{self._why(answer['why'])}</td></tr>"

    def event(
        self,
        event: RecordedEvent,
        attested: tuple[RecordedEvent, TimeAttested] | None,
        suspects: Sequence[SuspectSignature],
    ) -> str:
        s = event.statement
        recorded = event.recorded_at.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M:%S")
        if attested is not None:
            entry, token = attested
            at = token.attested_at.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M:%S")
            recorded += (
                f"<br><span class=id>{self.word('not_before')} {at} ({self.position(entry.statement.id)})</span>"
            )
        content = self.shown(canonical.parse(s.body, "statement")["payload"], labels=LABELS, of=s.type)
        opened = " open" if len(content) <= _SHORT else ""
        details = f"<details{opened}><summary>{self.word('content')}</summary>{content}</details>"
        what = (
            f"{html.escape((s.payload.SPEC.zh, s.payload.SPEC.en)[self.column])}<br><span class=id>"
            f"{html.escape(s.id)}</span>{details}"
        )
        who = html.escape(f"{s.actor} / {s.role}")
        for suspect in suspects:
            since = suspect.compromised_since.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M:%S")
            who += (
                f"<br><strong>{self.word('suspect').format(html.escape(suspect.principal_id), since)} "
                f"({self.position(suspect.revocation)})</strong>"
            )
        cells = (
            str(event.position),
            html.escape(s.effective_at),
            recorded,
            what,
            who,
            html.escape(cited(s.basis)[self.column]),
        )
        return f'<tr id="e{event.position}">' + "".join(f"<td>{c}</td>" for c in cells) + "</tr>"

    def position(self, event_id: str) -> str:
        """A link to the event's row; its id where the page does not have it."""
        at = self._positions.get(event_id)
        return f'<a href="#e{at}">{at}</a>' if at is not None else f"<code>{html.escape(event_id)}</code>"

    def shown(self, value: object, name: str = "", *, labels: Mapping[str, Pair] | None = None, of: str = "") -> str:
        """A value of a member of an event type or fact; money, which is in fen, is written in yuan."""
        labels = MEMBERS if labels is None else labels
        match value:
            case bool():
                return self.word("yes" if value else "no")
            case None:
                return self.word("nothing")
            case dict() | list() if not value:
                return self.word("nothing")
            case str() if value in self._positions:
                return self.position(value)
            case dict():
                return self._members(_sentences(value), labels, of)
            case list():
                plain = all(not isinstance(v, dict | list) for v in value)
                parts = [self.shown(v, name, labels=labels, of=of) for v in value]
                return self.listed(parts) if plain else "".join(f'<div class="row">{p}</div>' for p in parts)
            case str() if name in ("article", "articles", "basis"):
                return html.escape(cited(value)[self.column])
            case str():
                return html.escape(_text(value, name, of)[self.column])
            case int() if name in MONEY:
                return html.escape(in_words(value)[self.column])
            case _:
                return html.escape(json.dumps(value))

    def _members(self, value: Mapping[str, object], labels: Mapping[str, Pair], of: str) -> str:
        named = {k: member_of(_member(str(k)), v) for k, v in value.items()}
        amount = _amount_beside(value)
        rows = (
            f"<dt>{self._label(named[k], labels)}</dt><dd>"
            f"{self.shown(v, amount if k == 'value' and amount else named[k], labels=labels, of=of)}</dd>"
            for k, v in value.items()
        )
        return f"<dl>{''.join(rows)}</dl>"

    def _why(self, why: WhyJson) -> str:
        parts = (
            [f"{self.word('articles')} {html.escape(cited(why['articles'])[self.column])}"] if why["articles"] else []
        )
        if why["events"]:
            parts.append(f"{self.word('because')} {self.listed(self.position(e) for e in why['events'])}")
        parts += [
            f"{self.word('readings')} {html.escape((reading_in_words(r) or (r, r))[self.column])}"
            for r in why["readings"]
        ]
        if why["packs"]:
            parts.append(f"{self.word('packs')} {html.escape(self.listed(why['packs']))}")
        if why["calendars"]:
            parts.append(f"{self.word('calendars')} {self.listed(self.position(e) for e in why['calendars'])}")
        return f'<div class="why">{"<br>".join(parts)}</div>'

    def _label(self, name: str, labels: Mapping[str, Pair]) -> str:
        known = labels.get(name)
        return html.escape(without_unit(known[self.column]) if known else name)
