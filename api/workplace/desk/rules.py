"""The rules: a flag's meaning, or the versions of the regulation."""

from __future__ import annotations

from api.inspector.inquiries import FLAGS as FLAG_QUEUE
from api.rendering.blocks import Content, Link, Paragraph, links
from api.sentences import sentence
from api.workplace.desk.parts import flag_table
from api.workplace.sheets import Desk, Part, Sheet
from projections import public_pages
from projections.flags.register import FLAGS


def rules(d: Desk, subject: str) -> Sheet:
    """A flag's meaning and where it is up; without a flag the versions of the rules."""
    return _flag(d, subject) if subject in FLAGS else _versions(d)


def _flag(d: Desk, flag: str) -> Sheet:
    texts = FLAGS[flag].texts
    headed = {
        "condition": sentence("Condition"),
        "reason": sentence("Why it matters"),
        "caution": sentence("How it can be wrong"),
        "example": sentence("Example"),
    }
    shown = {"severity": "/".join(texts.severities), "articles": texts.articles}
    rows = d.ask(FLAG_QUEUE, flag=flag).answer["rows"]
    return Sheet(
        f"{getattr(texts, d.place.language)} ({flag})",
        [
            *(
                Part(d.say(heading), Paragraph(getattr(getattr(texts, part), d.place.language)))
                for part, heading in headed.items()
            ),
            Part(d.say(sentence("Severity and articles")), d.layout.value(shown)),
            Part(d.say(sentence("Where it is up")), flag_table(d, rows)),
        ],
    )


def _versions(d: Desk) -> Sheet:
    rows = public_pages.rules(d.log.ledger, public_pages.Corner(d.at.as_of, d.at.known_at))
    items: list[Content] = [
        (
            Link(
                r["title"] if d.place.language == "zh" else r["title_en"],
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
