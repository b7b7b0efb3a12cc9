"""The rules: a flag's meaning, or the versions of the regulation."""

from __future__ import annotations

from api.inspector.inquiries import FLAGS as FLAG_QUEUE
from api.rendering.blocks import Content, Link, Paragraph, links
from api.sentences import sentence
from api.workplace.desk.parts import flag_table
from api.workplace.sheets import Desk, Part, Sheet
from ledger.derivation.words import word
from ledger.regulation.citations import cited_of
from ledger.sentences import enumeration
from projections import public_pages
from projections.flags.register import FLAGS


def rules(d: Desk, subject: str) -> Sheet:
    """A flag's meaning and where it is up; without a flag the versions of the rules."""
    return _flag(d, subject) if subject in FLAGS else _versions(d)


def _flag(d: Desk, flag: str) -> Sheet:
    texts = FLAGS[flag].texts
    headed = (
        (sentence("Condition"), texts.condition),
        (sentence("Why it matters"), texts.reason),
        (sentence("When it may be mistaken"), texts.caution),
        (sentence("Example"), texts.example),
    )
    grades = enumeration(word(s, "severity") for s in texts.severities)
    shown = {"severity": d.say(grades), "articles": d.say(cited_of(d.texts, texts.articles)) or "—"}
    rows = d.ask(FLAG_QUEUE, flag=flag).answer["rows"]
    return Sheet(
        d.say(sentence("{name} ({code})", name=(texts.zh, texts.en), code=flag)),
        [
            *(Part(d.say(heading), Paragraph(d.say((text.zh, text.en)))) for heading, text in headed),
            Part(d.say(sentence("Severity and articles")), d.layout.value(shown)),
            Part(d.say(sentence("Where it is raised")), flag_table(d, rows)),
        ],
    )


def _versions(d: Desk) -> Sheet:
    rows = public_pages.rules(d.log.ledger, public_pages.Corner(d.at.as_of, d.at.known_at))
    items: list[Content] = [
        (
            Link(
                d.say((r["title"], r["title_en"])),
                d.place.to(d.log.home.name, "rules", r["slug"]),
            ),
            " ",
            d.say(sentence("in force")) if r["governs"] else "",
        )
        for r in rows
    ]
    beside = Link(d.say(sentence("The five regulations side by side")), d.place.to("rules"))
    return Sheet(
        d.say(sentence("Rules")),
        [
            Part(d.say(sentence("Versions")), links(items)),
            Part(d.say(sentence("Side by side")), links([beside])),
        ],
    )
