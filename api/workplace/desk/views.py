"""Views over the whole log: scores, money, duties, flags, rules, four eyes, integrity, packages, who read what."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from markupsafe import Markup

from api.inspector import inquiries
from api.inspector.answers import Row
from api.inspector.inquiries import DIFFERENCE, FOUR_EYES, MONEY, PAIRINGS, SCORES
from api.sentences import sentence, term
from api.workplace.desk.parts import edition_field, facts_of, flag_table, subject_fields
from api.workplace.sheets import Desk, Field, Part, Sheet, links, table
from ledger.entry import RecordedEvent
from ledger.events.oversight import AccessRecordAttested, RestrictedDataHandled
from ledger.sentences import enumeration
from ledger.store.visits import ChainHead, chain_head, visits
from projections import public_pages
from projections.figures import score, without_unit
from projections.flags.register import FLAGS
from projections.inquiry.differences import Change
from projections.inquiry.flag_queue import editions_of
from projections.inquiry.scoring import Cell as ScoreCell
from projections.inquiry.timeline import comparison

VISITS_SHOWN = 300


def state(d: Desk, _: str) -> Sheet:
    """V4: two dials, the day it was and the day it was known."""
    kind, subject = d.query.get("kind", ""), d.query.get("subject", "")
    parts = facts_of(d, kind, subject) if subject else []
    return Sheet(
        d.say(sentence("State at a point")),
        parts,
        fields=subject_fields(d, kind, subject),
        lead=d.say(
            sentence("The two dials above: the day (what had happened) and known (what was on file)."),
        ),
    )


def difference(d: Desk, _: str) -> Sheet:
    """V5: what two points answer differently, and the events responsible for each change."""
    kind, subject = d.query.get("kind", ""), d.query.get("subject", "")
    since, known = d.query.get("from_on", ""), d.query.get("from_known", "")
    fields = [
        *subject_fields(d, kind, subject),
        Field("from_on", d.say(sentence("From as-of day")), since, kind="date"),
        Field("from_known", d.say(sentence("From known (day or position)")), known),
    ]
    if not subject:
        return Sheet(d.say(sentence("Difference of two points")), fields=fields)
    told = d.ask(DIFFERENCE, kind=kind, subject=subject, from_on=since, from_known=known)
    parts = [change(d, f) for f in told.answer["changed"]] or [Part(d.say(sentence("No difference")), Markup(""))]
    return Sheet(d.say(sentence("Difference of two points")), parts, fields=fields, data=told.to_json())


def change(d: Desk, f: Change, of: str = "") -> Part:
    """One answer that differs, ``of`` a subject: its members, what changes it, the events responsible."""
    causes = d.say(enumeration(d.word(c, "causes") for c in f["causes"]))
    supposed = frozenset(r["event"] for r in f["responsible"] if r["position"] > d.at.known_at)
    layout = replace(d.layout, supposed=supposed, of=f["fact"])
    unrecorded: Row = {"recorded_at": None, "recorded_since": None}
    responsible = [
        {**r, **(unrecorded if r["event"] in supposed else {"recorded_since": r["new"]})} for r in f["responsible"]
    ]
    columns = ("event", "position", "type", "actor", "effective_at", "recorded_at", "recorded_since")
    said = Markup("<p>{}{}</p>").format(d.say(sentence("Cause: ")), causes)
    body = layout.table(f["members"], ("path", "before", "after")) + said + layout.table(responsible, columns)
    return Part(f"{of} {f['number']} {without_unit(d.pick(f))}".strip(), body)


def scores(d: Desk, _: str) -> Sheet:
    """V9: reviewer by case, revisions, what leaving one out would change, how alike two reviewers score."""
    chosen = d.query.get("edition", "") or next(iter(editions_of(d.log.ledger, d.at.known_at)), "")
    fields = [edition_field(d, chosen)]
    told = d.ask(SCORES, edition=chosen)
    parts = []
    for stage, value in told.answer["stages"].items():
        name = d.word(stage, "stage")
        parts.append(Part(d.say(sentence("{name}: matrix", name=name)), _matrix(d, value["matrix"], value["cases"])))
        for rows, heading in (
            (value["revisions"], sentence("{stage}: revisions", stage=name)),
            (value["void"], sentence("{stage}: void", stage=name)),
            (value["recused"], sentence("{stage}: scores of recused reviewers", stage=name)),
            (value["without"], sentence("{stage}: leaving one out", stage=name)),
            (value["similarity"], sentence("{stage}: similarity", stage=name)),
        ):
            if rows:
                parts.append(Part(d.say(heading), d.layout.table(rows)))
    return Sheet(d.say(sentence("Scores laid open")), parts, fields=fields, data=told.to_json())


def _matrix(d: Desk, cells: Sequence[ScoreCell], cases: Mapping[str, Row]) -> Markup:
    reviewers = list(dict.fromkeys(c["reviewer"] for c in cells))
    figures = ("mean", "median", "sd", "combined")
    rows: list[list[str | Markup]] = []
    for name, told in cases.items():
        own = {c["reviewer"]: d.link(score(c["total"]), "events", c["event"]) for c in cells if c["case"] == name}
        means = (d.layout.value(told[f], f) for f in figures)
        rows.append([d.layout.link("cases", name), *(own.get(r, "—") for r in reviewers), *means])
    heads = [
        d.say(sentence("case")),
        *reviewers,
        d.say(sentence("mean")),
        d.say(sentence("median")),
        d.say(sentence("sd")),
        d.say(sentence("combined")),
    ]
    return table(d.say(sentence("Matrix of scores")), heads, rows)


def money(d: Desk, _: str) -> Sheet:
    """V11."""
    chosen = d.query.get("edition", "")
    asked = d.ask(MONEY, edition=chosen, org=d.query.get("org", ""))
    told = asked.answer
    balance = (
        d.say(sentence("The accounts balance."))
        if told["balanced"]
        else d.say(sentence("The accounts do not balance."))
    )
    parts = [
        Part(d.say(sentence("Totals")), d.layout.value(told["totals"])),
        Part(d.say(sentence("By award")), d.layout.table(told["rows"])),
        Part(d.say(sentence("Items")), d.layout.table(told["lines"])),
        *(
            [Part(d.say(sentence("Undetermined")), d.layout.table(told["undetermined"]))]
            if told["undetermined"]
            else []
        ),
    ]
    return Sheet(
        d.say(term("accounts", "Money")),
        parts,
        lead=balance,
        fields=[edition_field(d, chosen, all_=True)],
        data=asked.to_json(),
    )


def flags(d: Desk, _: str) -> Sheet:
    """V13."""
    names = ("edition", "flag", "severity", "state", "outcome", "case", "org", "person")
    given = {n: d.query.get(n, "") for n in names}
    asked = d.ask(inquiries.FLAGS, **given)
    told = asked.answer
    any_ = ("", d.say(sentence("all")))
    fields = [
        edition_field(d, given["edition"], all_=True),
        Field(
            "severity",
            d.say(sentence("At least")),
            given["severity"],
            [any_, ("C", "C"), ("H", "H"), ("M", "M"), ("L", "L")],
        ),
        Field(
            "state",
            d.say(sentence("State")),
            given["state"],
            [
                any_,
                *(
                    (s, d.word(s, "state", "edition.flags"))
                    for s in ("open", "questioned", "explained", "dismissed", "confirmed", "settled")
                ),
            ],
        ),
        Field("flag", d.say(sentence("Flag ids")), given["flag"]),
    ]
    grid = [
        {
            "edition": e,
            **{o: d.say(enumeration(f for f, x in by.items() if x == o)) for o in dict.fromkeys(by.values())},
        }
        for e, by in told["outcomes"].items()
    ]
    failed = [
        Part(
            d.say(sentence("Edition {edition}", edition=f["edition"])),
            Markup('<p class="flagged">{}</p>').format(d.pick(f)),
        )
        for f in told["not_derivable"]
    ]
    return Sheet(
        d.say(sentence("Flag queue")),
        [
            Part(d.say(sentence("{told} flags", told=len(told["rows"]))), flag_table(d, told["rows"])),
            Part(d.say(sentence("Outcome of every flag")), d.layout.table(grid)),
            *failed,
        ],
        fields=fields,
        data=asked.to_json(),
    )


def rules(d: Desk, subject: str) -> Sheet:
    """V14: a flag's meaning, or the versions of the rules."""
    if subject in FLAGS:
        texts = FLAGS[subject].texts
        said = [
            getattr(getattr(texts, part), d.place.language) for part in ("condition", "reason", "caution", "example")
        ]
        shown = {"severity": "/".join(texts.severities), "articles": texts.articles}
        return Sheet(
            f"{subject} {getattr(texts, d.place.language)}",
            [
                *(
                    Part(name, Markup("<p>{}</p>").format(text))
                    for name, text in zip(
                        (
                            d.say(sentence("Condition")),
                            d.say(sentence("Why it matters")),
                            d.say(sentence("How it can be wrong")),
                            d.say(sentence("Example")),
                        ),
                        said,
                        strict=True,
                    )
                ),
                Part(d.say(sentence("Severity and articles")), d.layout.value(shown)),
                Part(
                    d.say(sentence("Where it is up")),
                    flag_table(d, d.ask(inquiries.FLAGS, flag=subject).answer["rows"]),
                ),
            ],
        )
    corner = public_pages.Corner(d.at.as_of, d.at.known_at)
    rows = public_pages.rules(d.log.ledger, corner)
    items = [
        Markup('<a href="{}">{}</a> {}').format(
            d.place.to(d.log.home.name, "rules", r["slug"]),
            r["title"] if d.place.language == "zh" else r["title_en"],
            d.say(sentence("in force")) if r["governs"] else "",
        )
        for r in rows
    ]
    return Sheet(
        d.say(sentence("Rules")),
        [
            Part(d.say(sentence("Versions")), links(items)),
            Part(
                d.say(sentence("Side by side")),
                links(
                    [
                        Markup('<a href="{}">{}</a>').format(
                            d.place.to("rules"), d.say(sentence("The five regulations side by side"))
                        )
                    ]
                ),
            ),
        ],
    )


def four_eyes(d: Desk, _: str) -> Sheet:
    """V15."""
    chosen = d.query.get("edition", "")
    told = d.ask(FOUR_EYES, edition=chosen)
    return Sheet(
        d.say(sentence("Who signs with whom")),
        [Part(d.say(sentence("Act, originator, countersigner")), d.layout.table(told.answer["rows"]))],
        fields=[edition_field(d, chosen, all_=True)],
        data=told.to_json(),
    )


def integrity(d: Desk, _: str) -> Sheet:
    """V16: the signed head, any entry verified in the browser, another head compared."""
    ledger = d.log.ledger
    size = ledger.size()
    chosen = [
        int(p)
        for p in d.query.get("entry", "").replace("，", ",").split(",")
        if p.strip().isascii() and p.strip().isdigit() and 0 < int(p) <= size
    ][:50]
    shown = [ledger.entry(p) for p in chosen] or [ledger.entry(p) for p in range(max(1, size - 7), size + 1)]
    rows = [{"position": e.position, "title": d.layout.type(e.type)} for e in shown]
    old = d.query.get("size", "")
    parts = []
    if old.isascii() and old.isdigit() and 0 < int(old) <= size:
        root, _proof = ledger.evidence.subtree(0, int(old), size)
        same = root.hex() == d.query.get("root", "").strip().lower() if d.query.get("root") else None
        verdict = {
            None: "",
            True: d.say(sentence("The same: that head is the beginning of today's log.")),
            False: d.say(sentence("Different: these are not an earlier and a later state of one log.")),
        }[same]
        parts.append(
            Part(
                d.say(sentence("Compared with a head from elsewhere")),
                Markup("<p>{} <code>{}</code></p><p>{}</p>").format(
                    d.say(sentence("Root of the first {old}", old=old)), root.hex(), verdict
                ),
            )
        )
    parts.append(
        Part(
            d.say(sentence("Signed tree head")),
            Markup("<pre tabindex=0>{}</pre>").format(ledger.evidence.checkpoint()),
        )
    )
    fields = [
        Field("entry", d.say(sentence("Positions of entries, by comma")), d.query.get("entry", "")),
        Field("size", d.say(sentence("Size of a head from elsewhere")), old),
        Field("root", d.say(sentence("Its root (hex)")), d.query.get("root", "")),
    ]
    return Sheet(
        d.say(sentence("Integrity")), parts, fields=fields, template="integrity.html", context={"entries": rows}
    )


def access(d: Desk, _: str) -> Sheet:
    """V18: who of those with a seat read what, and what restricted data was opened by whom."""
    who = d.query.get("person", "")
    rows = [v.to_json() for v in visits(d.log.ledger.database, who or None, VISITS_SHOWN)]
    opened = [
        {
            "position": e.position,
            "actor": e.statement.actor,
            "role": e.statement.role,
            "purpose": p.purpose,
            "action": p.action,
            "effective_at": e.statement.effective_at,
            "event": e.statement.id,
        }
        for e, p in d.log.ledger.acts(RestrictedDataHandled, until=d.at.known_at)
    ]
    head = chain_head(d.log.ledger.database)
    attested = d.log.ledger.acts(AccessRecordAttested, until=d.at.known_at)
    parts = [
        Part(
            d.say(sentence("Opened, disclosed, erased (in the log)")),
            d.layout.table(opened[::-1]),
        ),
        Part(d.say(sentence("The last {visits_shown} pages read", visits_shown=VISITS_SHOWN)), d.layout.table(rows)),
        Part(d.say(sentence("Chain of the record")), _chain(d, head, attested)),
    ]
    return Sheet(
        d.say(sentence("Access log")),
        parts,
        fields=[Field("person", d.say(sentence("Person")), who)],
        data={"rows": rows, "opened": opened, "visits": head.visits, "chain": head.chain.hex()},
    )


def _chain(d: Desk, head: ChainHead, attested: list[tuple[RecordedEvent, AccessRecordAttested]]) -> Markup:
    """What there is to attest now, and what was attested last."""
    now = Markup("<p>{} <code>{}</code></p>").format(
        d.say(sentence("{visits} rows now, chain", visits=head.visits)), head.chain.hex()
    )
    if not attested:
        return now + Markup("<p>{}</p>").format(
            d.say(
                sentence("Never attested: so far only the database vouches for the record."),
            )
        )
    entry, last = attested[-1]
    return now + Markup("<p>{}</p>").format(
        d.say(
            sentence("Last attested by entry {position}: {visits} rows.", position=entry.position, visits=last.visits),
        )
    )


def compare(d: Desk, _: str) -> Sheet:
    """V19: two applicants by type of act."""
    one, other = d.query.get("one", ""), d.query.get("other", "")
    fields = [
        Field("one", d.say(sentence("First case")), one, required=True),
        Field("other", d.say(sentence("Second case")), other, required=True),
    ]
    if not (one and other):
        return Sheet(d.say(sentence("Two cases compared")), fields=fields)
    rows = comparison(d.log.ledger, one, other, d.at.known_at)
    cells = [
        [
            Markup("<strong>{}</strong>").format(d.layout.type(r["type"]))
            if r["differs"]
            else d.layout.type(r["type"]),
            d.layout.value(r["first"]),
            d.layout.value(r["second"]),
        ]
        for r in rows
    ]
    body = table(d.say(sentence("Comparison")), [d.say(sentence("act")), one, other], cells)
    return Sheet(
        d.say(sentence("Two cases compared")),
        [Part(d.say(sentence("By type of act")), body)],
        fields=fields,
        data={"rows": rows},
    )


def patterns(d: Desk, _: str) -> Sheet:
    """V20: pairings over editions."""
    told = d.ask(PAIRINGS)
    return Sheet(
        d.say(sentence("Patterns over editions")),
        [
            Part(
                d.say(sentence("Reviewers and organisations that met in several editions")),
                d.layout.table(told.answer["rows"]),
            )
        ],
        data=told.to_json(),
    )
