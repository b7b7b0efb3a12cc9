"""The evidence package of a subject: asked for on a page, made by the file of the same address (``format=zip``)."""

from __future__ import annotations

from markupsafe import Markup

from api.workplace.sheets import Desk, Field, Part, Sheet
from ledger.errors import MalformedError, NotFoundError
from projections.slices import history_for


def package(d: Desk, _: str) -> Sheet:
    """V17: which subject, with flags or without; then the way to the file."""
    kind, subject = d.query.get("kind", "award"), d.query.get("subject", "")
    kinds = [
        (k, d.say(zh, en))
        for k, zh, en in (
            ("award", "奖项", "award"),
            ("case", "案件", "case"),
            ("org", "组织", "organisation"),
            ("edition", "届次", "edition"),
        )
    ]
    fields = [
        Field("kind", d.say("种类", "Kind"), kind, kinds),
        Field("subject", d.say("编号", "Id"), subject, required=True),
        Field(
            "flags",
            d.say("连同红旗", "With red flags"),
            d.query.get("flags", ""),
            [("", d.say("否", "no")), ("1", d.say("是", "yes"))],
        ),
    ]
    if kind not in dict(kinds):
        raise MalformedError(
            "subject_kind_unknown",
            f"kind: one of {', '.join(dict(kinds))}",
            f"kind 应为 {'、'.join(dict(kinds))}",
            field="kind",
        )
    parts = [Part(f"{dict(kinds)[kind]} {subject}", _to_download(d, kind, subject))] if subject else []
    return Sheet(d.say("证据包", "Evidence package"), parts, fields=fields)


def _to_download(d: Desk, kind: str, subject: str) -> Markup:
    """Where the package is to be had; what is wanting where there can be none."""
    published = d.log.ledger.heads.published()[0]
    try:
        history_for(d.log.ledger, kind, subject, published)
    except NotFoundError as error:
        return Markup('<p class="none">{}</p>').format(d.say(error.zh, error.en))
    made = d.say(
        f"按已公布的树头（前 {published} 条）制作，不随知悉拨盘变化。在任何机器上核验：rongjian evidence check FILE，或在公众核验页中打开。",
        f"Made under the published head (the first {published} entries), whatever the second dial says. Check it "
        "on any machine: rongjian evidence check FILE, or open it on the public verify page.",
    )
    flags = d.query.get("flags", "") or "0"
    return Markup('<p><a class="button" href="{}">{}</a></p><p>{}</p>').format(
        d.to("package", kind=kind, subject=subject, flags=flags, format="zip"),
        d.say("下载证据包（ZIP）", "Download the package (ZIP)"),
        made,
    )
