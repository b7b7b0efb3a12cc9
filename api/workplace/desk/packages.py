"""The evidence package of a subject: asked for on a page, made by the file of the same address (``format=zip``)."""

from __future__ import annotations

from api.rendering.blocks import Content, Link, Paragraph, Preformatted
from api.sentences import sentence
from api.workplace.sheets import Desk, Field, Part, Sheet
from ledger.errors import MalformedError, NotFoundError
from ledger.sentences import enumeration
from projections.slices import history_for


def package(d: Desk, _: str) -> Sheet:
    """Which subject, with flags or without; then the way to the file."""
    kind, subject = d.query.get("kind", "award"), d.query.get("subject", "")
    kinds = [
        (k, d.say(named))
        for k, named in (
            ("award", sentence("award")),
            ("case", sentence("case")),
            ("org", sentence("organisation")),
            ("edition", sentence("edition")),
        )
    ]
    fields = [
        Field("kind", d.say(sentence("Kind")), kind, kinds),
        Field("subject", d.say(sentence("Id")), subject, required=True),
        Field(
            "flags",
            d.say(sentence("With flags")),
            d.query.get("flags", ""),
            [("", d.say(sentence("no"))), ("1", d.say(sentence("yes")))],
        ),
    ]
    if kind not in dict(kinds):
        raise MalformedError(
            "subject_kind_unknown",
            sentence("kind: one of {kinds}", kinds=enumeration(dict(kinds))),
            field="kind",
        )
    parts = [Part(f"{dict(kinds)[kind]} {subject}", _to_download(d, kind, subject))] if subject else []
    return Sheet(d.say(sentence("Evidence package")), parts, fields=fields)


def _to_download(d: Desk, kind: str, subject: str) -> Content:
    """Where the package is to be had; what is wanting where there can be none."""
    published = d.log.ledger.heads.published()[0]
    try:
        history_for(d.log.ledger, kind, subject, published)
    except NotFoundError as error:
        return d.none((error.zh, error.en))
    made = d.say(
        sentence(
            "Made from the published tree head (the first {published} entries), whatever entry is chosen above. Check "
            "it on any machine with this command, or open it on the public page “Verify”.",
            published=published,
        ),
    )
    flags = d.query.get("flags", "") or "0"
    address = d.to("package", kind=kind, subject=subject, flags=flags, format="zip")
    return (
        Paragraph(Link(d.say(sentence("Download the package (ZIP)")), address, "button")),
        Paragraph(made),
        Preformatted("rongjian evidence check FILE"),
    )
