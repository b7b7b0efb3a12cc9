"""The pack's conditions against the file, the incidents and the office's own checks (D09).

What the events decide is computed (pass, fail); what a person has to judge is ``attested`` by the office's check,
or ``unclear`` until there is one. A figure that entered only as a commitment needs its opening and is never
guessed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated, Literal

from msgspec import UNSET, UnsetType

from ledger.derivation.answer import Answer, NotApplicable, Undetermined, Why
from ledger.derivation.bans import Ban, running_ban
from ledger.derivation.editions import pinned_pack
from ledger.derivation.history import Live, LiveEvent
from ledger.derivation.law import Enacted, Law, Resolved
from ledger.derivation.lookback import hits
from ledger.derivation.record import WORD, Article, Record, Said, Word, Yes
from ledger.derivation.words import word
from ledger.events.application import ApplicationFiled, EligibilityDecided, RecommendationIssued
from ledger.events.decision import AwardGranted
from ledger.events.identity import PrincipalRegistered
from ledger.events.kinds import SECTORS
from ledger.events.labels import LABELS
from ledger.regulation.periods import add_years
from ledger.regulation.tables import CertificateRule, ExcellenceModel, MoneyCondition, StatedCondition
from ledger.sentences import sentence
from ledger.statement import edition_of

#: Outcomes of a recommendation in Chinese and English.
_RECOMMENDED = {
    "recommend": sentence("recommended"),
    "decline": sentence("not recommended"),
    "withdrawn": sentence("withdrawn"),
    "none": sentence("none yet"),
}

Result = Literal["pass", "fail", "unclear", "attested"]

#: What an attested check of the office says; anything else leaves the condition unclear.
_OF_CHECKS: dict[str, Result] = {"pass": "attested", "na": "attested", "fail": "fail"}


class Condition(Record, frozen=True, kw_only=True):
    """A condition examined; ``kind`` is what it is about where the condition has several."""

    condition: Word
    result: Annotated[Result, WORD]
    rule: Article
    article: Article
    detail: Said
    kind: Word | UnsetType = UNSET


class Eligibility(Record, frozen=True, kw_only=True):
    """The conditions of a case and what they come to (D09); what the office decided, and whether it is the same.

    ``undetermined`` says why the text's own conditions are not among those here.
    """

    result: Annotated[Literal["eligible", "ineligible", "unclear"], WORD]
    conditions: tuple[Condition, ...]
    decided: Annotated[Literal["eligible", "ineligible", "returned"], WORD] | None
    agrees: Yes | None
    undetermined: Undetermined | UnsetType = UNSET


@dataclass(frozen=True, slots=True)
class Finding:
    """One condition examined: what decided it, and which rule says so."""

    condition: str
    result: Result
    rule: str
    article: str
    #: In Chinese and English.
    detail: tuple[str, str]
    why: Why
    #: What it is about, where the condition has several: the certificate asked for, the category of an incident.
    kind: str | None = None

    def told(self) -> Condition:
        return Condition(
            condition=self.condition,
            result=self.result,
            rule=self.rule,
            article=self.article,
            detail=Said(zh=self.detail[0], en=self.detail[1]),
            kind=self.kind if self.kind is not None else UNSET,
        )


#: Parameters by which conditions are examined; what is not stated of them is no condition.
_EXAMINED = (
    "eligibility.legal_form",
    "eligibility.registered_locally",
    "eligibility.years_operating",
    "eligibility.excellence_model",
    "eligibility.certificates",
    "eligibility.org_forms",
    "eligibility.sectors",
    "eligibility.money",
    "data_years",
    "recommender.kinds",
    "credit_report.required",
)


@dataclass(frozen=True, slots=True)
class _Asked:
    """What every examiner sees."""

    live: Live
    law: Law
    enacted: Enacted | None
    filed: LiveEvent[ApplicationFiled]

    def parameter(self, path: str) -> Resolved:
        return self.law.parameter(self.enacted, path, self.filed.on)


def eligibility(live: Live, law: Law, case_id: str) -> Answer[Eligibility]:
    """Every condition of a case, the whole, and whether the office decided the same (D09)."""
    filed = live.last(ApplicationFiled, case_id=case_id)
    if filed is None:
        return Answer(NotApplicable(*sentence("not filed by that day")))
    enacted = pinned_pack(live, law, edition_of(case_id))
    conditions = law.parameter(enacted, "eligibility.conditions", filed.on)
    computed = findings(live, law, case_id)
    decided = live.last(EligibilityDecided, case_id=case_id)
    checks = {c.condition_id: c.result for c in decided.payload.checks} if decided else {}
    attested = _left_to_the_office(law.parameter(enacted, "body.office", filed.on))
    rows = [_joined(c, computed, checks, enacted, attested) for c in conditions.rows(StatedCondition)]
    listed = {r.condition for r in rows}
    rows += [f for f in computed if f.condition not in listed]
    outcome = decided.payload.outcome if decided else None
    known_then, standing = rows, _ban_of_applicant(live, law, filed)
    barred = _barred(standing)
    if barred is not None:
        rows = [*rows, barred]
        # What the office decided before a ban began was right then.
        ran = standing.is_value and decided is not None and standing.value().since <= decided.on
        known_then = rows if ran else known_then
    whole = _whole(rows)
    value = Eligibility(
        result=whole,
        conditions=tuple(r.told() for r in rows),
        decided=outcome,
        agrees=None if outcome is None or outcome == "returned" else outcome == _whole(known_then),
        undetermined=UNSET if conditions.stated else conditions.undetermined(),
    )
    why = Why(events=(filed.id, *((decided.id,) if decided else ()))) | conditions.why | standing.why
    for row in rows:
        why |= row.why
    for path in _EXAMINED:
        why |= law.parameter(enacted, path, filed.on).left_open
    return Answer(value, why, standing.turns_on)


def _whole(rows: Sequence[Finding]) -> Literal["eligible", "ineligible", "unclear"]:
    results = {r.result for r in rows}
    return "ineligible" if "fail" in results else "unclear" if "unclear" in results or not rows else "eligible"


def _ban_of_applicant(live: Live, law: Law, filed: LiveEvent[ApplicationFiled]) -> Answer[Ban]:
    """A ban that runs while the case has won nothing: it closes the application (B-18)."""
    if live.of(AwardGranted, case_id=filed.payload.case_id):
        return Answer(NotApplicable(*sentence("the case has won")))
    return running_ban(live, law, filed.payload.org)


def _barred(standing: Answer[Ban]) -> Finding | None:
    """That a ban runs, or that nobody can say whether one does."""
    why = standing.why | Why(readings=("B-18:default",))
    if standing.is_value:
        article = ", ".join(standing.value().articles)
        detail = sentence("banned until {until}", until=standing.value().until)
        return Finding("ban", "fail", article, article, detail, why)
    if isinstance(standing.result, Undetermined):
        open_ = standing.result
        return Finding("ban", "unclear", open_.gap or "B-18", open_.gap or "B-18", (open_.zh, open_.en), why)
    return None


#: What an examiner says of a condition, in Chinese and English, and why.
_Detail = tuple[tuple[str, str], Why]


#: What parts the name of an office from where it is, in a text.
_THEN = "\N{FULLWIDTH COMMA}"


def _left_to_the_office(office: Resolved) -> _Detail:
    """That the office vouches for a condition, by the name that its text gives it: before "，设在" whatever it is part
    of.
    """
    if not office.stated:
        return sentence("to be attested by the office in charge"), Why()
    name = office.text.partition(_THEN)[0]
    return sentence("to be attested by {office}", office=(name, "the office")), office.why


def _joined(
    condition: StatedCondition,
    computed: list[Finding],
    checks: Mapping[str, str],
    enacted: Enacted | None,
    attested: _Detail,
) -> Finding:
    """The computed finding, if it could be computed; else what the office attested."""
    article = f"{enacted.pack.id}:{condition.article}" if enacted else condition.article
    rule = article if condition.rule is None else condition.rule
    own = [f for f in computed if f.condition == condition.id]
    worst = next((f for r in ("fail", "unclear", "pass") for f in own if f.result == r), None)
    check = checks.get(condition.id)
    if worst is not None and (worst.result != "unclear" or check not in ("pass", "fail", "na")):
        return worst
    result = _OF_CHECKS.get(check or "", "unclear")
    detail, why = (worst.detail, worst.why) if worst else attested
    return Finding(condition.id, result, rule, article, detail, why)


def findings(live: Live, law: Law, case_id: str) -> list[Finding]:
    """Everything that the events themselves decide or leave open about a filed case."""
    filed = live.last(ApplicationFiled, case_id=case_id)
    if filed is None:
        return []
    asked = _Asked(live, law, pinned_pack(live, law, edition_of(case_id)), filed)
    return [finding for examine in _EXAMINERS for finding in examine(asked)]


def _finding(asked: _Asked, condition: str, stated: Resolved, result: Result, zh: str, en: str) -> Finding:
    article = ", ".join(stated.why.articles)
    return Finding(condition, result, stated.rule or article, article, (zh, en), stated.why)


def _verdict(met: bool) -> Result:
    return "pass" if met else "fail"


def _registered(asked: _Asked) -> list[Finding]:
    result = []
    p = asked.filed.payload
    form, local = asked.parameter("eligibility.legal_form"), asked.parameter("eligibility.registered_locally")
    if form.stated and p.legal_form is not None:
        result.append(
            _finding(asked, "registered", form, _verdict(p.legal_form in form.words), *word(p.legal_form, "legal_form"))
        )
    if local.yes and p.registered_locally is not None:
        said = sentence("registered here") if p.registered_locally else sentence("not registered here")
        result.append(_finding(asked, "registered", local, _verdict(p.registered_locally), *said))
    return result


def _operating_years(asked: _Asked) -> list[Finding]:
    stated = asked.parameter("eligibility.years_operating")
    years = Decimal(asked.filed.payload.years_operating)
    if not stated.stated:
        return []
    return [
        _finding(
            asked,
            "operating_years",
            stated,
            _verdict(years >= stated.number),
            *sentence("{years} years, {stated} needed", years=years, stated=stated.value),
        )
    ]


def _excellence_model(asked: _Asked) -> list[Finding]:
    stated = asked.parameter("eligibility.excellence_model")
    if not stated.stated or not stated.table(ExcellenceModel).required:
        return []
    since, years = asked.filed.payload.excellence_model_since, stated.table(ExcellenceModel).years or 0
    if since is None:
        return [_finding(asked, "excellence_model", stated, "unclear", *sentence("the file does not say since when"))]
    met = add_years(since, years) <= asked.filed.on
    return [
        _finding(
            asked,
            "excellence_model",
            stated,
            _verdict(met),
            *(
                sentence("since {since}, {years} years needed", since=since, years=years)
                if years
                else sentence("since {since}", since=since)
            ),
        )
    ]


def _data_years(asked: _Asked) -> list[Finding]:
    stated, years = asked.parameter("data_years"), asked.filed.payload.data_years
    if not stated.stated:
        return []
    return [
        _finding(
            asked,
            "data_years",
            stated,
            _verdict(years >= stated.number),
            *sentence("{years} years, {stated} needed", years=years, stated=stated.value),
        )
    ]


def _certificates(asked: _Asked) -> list[Finding]:
    stated, filed = asked.parameter("eligibility.certificates"), asked.filed
    if not stated.stated or asked.enacted is None:
        return []
    result = []
    for rule in stated.rows(CertificateRule):
        if rule.applies == "for_profit" and filed.payload.for_profit is False:
            continue
        fitting = [
            c
            for c in filed.payload.certificates
            if c.kind in rule.kinds
            and c.valid_until >= filed.on
            and add_years(c.valid_from, rule.years or 0) <= filed.on
        ]
        article = f"{asked.enacted.pack.id}:{rule.article}"
        missing = sentence("none valid on {on}", on=filed.on)
        detail = (fitting[0].no, fitting[0].no) if fitting else missing
        result.append(
            Finding(
                "certificates",
                _verdict(bool(fitting)),
                article if rule.rule is None else rule.rule,
                article,
                detail,
                stated.why,
                rule.id,
            )
        )
    return result


def _recommended(asked: _Asked) -> list[Finding]:
    stated = asked.parameter("recommender.kinds")
    if not stated.stated:
        return []
    given = [
        e
        for e in asked.live.of(RecommendationIssued, case_id=asked.filed.payload.case_id)
        if e.payload.recommender_kind in stated.words
    ]
    last = given[-1].payload.outcome if given else "none"
    result: Result = "pass" if last == "recommend" else "unclear" if last == "none" else "fail"
    called = _RECOMMENDED[last]
    return [_finding(asked, "recommended", stated, result, *sentence("recommendation: {name}", name=called))]


def _form_and_sector(asked: _Asked) -> list[Finding]:
    result = []
    forms, sectors = asked.parameter("eligibility.org_forms"), asked.parameter("eligibility.sectors")
    registered = asked.live.last(PrincipalRegistered, principal_id=asked.filed.payload.org)
    form = registered.payload.org_form if registered else None
    if forms.stated and form is not None:
        result.append(
            _finding(asked, "organisation_form", forms, _verdict(form in forms.words), *word(form, "org_form"))
        )
    sector = asked.filed.payload.sector
    if sectors.stated and any(s in SECTORS for s in sectors.words):
        result.append(_finding(asked, "sector", sectors, _verdict(sector in sectors.words), *word(sector, "sector")))
    return result


def _credit_report(asked: _Asked) -> list[Finding]:
    stated = asked.parameter("credit_report.required")
    if not stated.yes:
        return []
    given = asked.filed.payload.credit_report_hash is not None
    return [
        _finding(
            asked,
            "credit_report",
            stated,
            _verdict(given),
            *(sentence("in the file") if given else sentence("not in the file")),
        )
    ]


def _money(asked: _Asked) -> list[Finding]:
    stated = asked.parameter("eligibility.money")
    if not stated.stated:
        return []
    rule = stated.table(MoneyCondition)
    condition = {"no_loss": "no_bar", "profit": "results", "tax_per_mu": "tax_per_mu"}[rule.kind]
    if rule.sectors and asked.filed.payload.sector not in rule.sectors:
        return []
    member = "tax_per_mu" if condition == "tax_per_mu" else "financials"
    called = LABELS[member]
    said = (
        sentence("needs the opening of “{name}”", name=called)
        if f"/{member}" in asked.filed.recorded.statement.sd
        else sentence("“{name}” is not in the file", name=called)
    )
    return [_finding(asked, condition, stated, "unclear", *said)] if condition != "no_bar" else []


def _bars(asked: _Asked) -> list[Finding]:
    result = []
    for hit in hits(asked.live, asked.law, asked.enacted, asked.filed.payload.org, asked.filed.on):
        verdict: Result = "fail" if hit.bars else "unclear"
        incident = hit.incident.payload
        detail = (
            sentence("of {day} until {until}", day=incident.occurred_on, until=hit.until)
            if hit.until
            else sentence("of {day}", day=incident.occurred_on)
        )
        result.append(Finding("no_bar", verdict, hit.rule, hit.article, detail, hit.why, incident.category))
    return result


_EXAMINERS: tuple[Callable[[_Asked], list[Finding]], ...] = (
    _form_and_sector,
    _registered,
    _operating_years,
    _excellence_model,
    _data_years,
    _certificates,
    _credit_report,
    _recommended,
    _money,
    _bars,
)
