"""What readers report of the public pages, for the office to answer and for inspectors to read."""

from __future__ import annotations

from typing import get_args
from urllib.parse import parse_qsl

from markupsafe import Markup

from api.public.rendering import moment_in
from api.public.reporting import form_fields, reports_of
from api.sentences import sentence, term
from api.workplace.login import check_csrf
from api.workplace.sheets import Desk, Part, Sheet, table
from api.workplace.visitors import Visitor, require
from ledger.clock import system_clock
from ledger.errors import EvidenceError, MalformedError
from ledger.store.error_reports import Answer, ErrorReport, ErrorReports, Outcome

#: Who answers; they and inspectors read.
ANSWERING = frozenset({"SEC", "SECH"})

#: Reports on one page.
SHOWN = 100

ANSWER_MAX = 2_000

OUTCOMES: tuple[Outcome, ...] = get_args(Outcome)


def reads_reports(visitor: Visitor) -> bool:
    return bool(visitor.roles & ANSWERING) or visitor.inspects


def reports(d: Desk, _: str) -> Sheet:
    """Reports that wait for an answer, each with its form; then those that have one."""
    require(reads_reports(d.visitor), sentence("reports of errors, for the office and inspectors"))
    kept = reports_of(d.log)
    kept.forget(system_clock())
    rows = kept.rows(SHOWN)
    waiting = [_waiting(d, kept, r) for r in rows if r.answer is None]
    answered = [
        (_page(d, r), moment_in(d.place.language, r.received_at), d.word(r.answer.outcome), r.answer.text, r.answer.by)
        for r in rows
        if r.answer is not None
    ]
    heads = [
        sentence("Page"),
        sentence("Received"),
        sentence("Outcome"),
        term("of a report", "Answer"),
        term("who answered", "By"),
    ]
    name = d.say(sentence("Answered"))
    done = [Part(name, table(name, [d.say(h) for h in heads], answered))] if answered else []
    none = Markup('<p class="none">{}</p>').format(d.say(sentence("No report waits for an answer.")))
    return Sheet(
        d.say(sentence("Reports of errors")), [*(waiting or [Part(d.say(sentence("To answer")), none)]), *done]
    )


def _page(d: Desk, report: ErrorReport) -> Markup:
    """The page reported, as a link where it is one of this log."""
    path, _, query = report.page.partition("?")
    parts = path.split("/")
    if parts[0] != d.log.home.name:
        return Markup("{}").format(report.page or "—")
    dated = {k: v for k, v in parse_qsl(query) if k in ("as_of", "known_at")}
    return Markup('<a href="{}">{}</a>').format(d.place.to(*parts, **dated), report.page)


def _waiting(d: Desk, kept: ErrorReports, report: ErrorReport) -> Part:
    try:
        text, contact = kept.said(report.id)
    except EvidenceError as error:  # One altered row does not hide the others.
        text, contact = d.say((error.zh, error.en)), ""
    body = Markup("<dl><dt>{}</dt><dd>{}</dd><dt>{}</dt><dd>{}</dd><dt>{}</dt><dd>{}</dd></dl>").format(
        d.say(sentence("Page")),
        _page(d, report),
        d.say(term("a report", "What it says")),
        text,
        d.say(sentence("Contact")),
        contact or "—",
    )
    if d.visitor.roles & ANSWERING:
        body += _form(d, report)
    received = moment_in(d.place.language, report.received_at)
    return Part(
        d.say(sentence("Received {received}, at {known_at} entries", received=received, known_at=report.known_at)),
        body,
    )


def _form(d: Desk, report: ErrorReport) -> Markup:
    options = Markup("").join(Markup('<option value="{}">{}</option>').format(o, d.word(o)) for o in OUTCOMES)
    return Markup(
        '<form class="asking" method="post" action="{}"><input type="hidden" name="csrf" value="{}">'
        '<label>{}<select name="outcome" required><option value="">—</option>{}</select></label>'
        '<label class="wide">{}<textarea name="answer" rows="3" maxlength="{}" required></textarea></label>'
        '<button class="primary">{}</button></form>'
    ).format(
        d.to("reports", report.id),
        d.visitor.session.csrf,
        d.say(sentence("Outcome")),
        options,
        d.say(sentence("Answer, as the reporter will read it")),
        ANSWER_MAX,
        d.say(term("of a report", "Answer")),
    )


def settle(d: Desk, report_id: str, body: bytes) -> None:
    """Answer a report. Raises MalformedError, PermissionRefusedError, NotFoundError, ConflictError."""
    given = form_fields(body, ("csrf", "outcome", "answer"))
    check_csrf(d.visitor.session, given["csrf"])
    require(bool(d.visitor.roles & ANSWERING), sentence("to answer reports, for SEC and SECH"))
    text, outcome = given["answer"], next((o for o in OUTCOMES if o == given["outcome"]), None)
    if outcome is None or not 0 < len(text) <= ANSWER_MAX:
        raise MalformedError(
            "malformed_answer",
            sentence("an outcome, and an answer of up to {answer_max} characters", answer_max=ANSWER_MAX),
            field="answer",
        )
    reports_of(d.log).settle(report_id, Answer(outcome, text, d.visitor.principal, system_clock()))
