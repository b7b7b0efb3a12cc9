"""What a scenario may leave out: members that the pack, the case or the day already say.

Only boilerplate is filled in (hashes of papers that do not exist, days equal to the act's own, ids). What
decides something has to be written, and a member that is written always wins.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import date, timedelta
from functools import cache

import msgspec

from api.scenario.cast import Cast
from api.scenario.document import Act
from api.scenario.stand_ins import STAND_INS
from api.scenario.written import day, items, table, tables, text, text_or_none, texts, wrong
from api.sentences import sentence
from ledger.derivation.law import in_force_on
from ledger.events.registry import Payload
from ledger.events.vocabulary import EVENTS
from ledger.regulation.pack import Pack
from ledger.regulation.periods import add_years
from ledger.regulation.tables import CertificateRule, ExcellenceModel, MoneyCondition, StatedCondition, needed
from ledger.sentences import enumeration

#: Written for a member that is to be left out although it would be filled in.
LEFT_OUT = "@none"

#: Members that stand for events: a scenario writes labels, the player puts in ids.
EVENT_MEMBERS = frozenset(
    {
        "score_ids",
        "facts",
        "report_id",
        "decision",
        "target",
        "targets",
        "about",
        "resolution_id",
        "basis_reports",
        "replaces",
        "answers",
        "grant_id",
        "reversal_of",
        "target_event",
        "ordered_by",
        "actions",
        "supersedes",
    }
)

_TODAY = frozenset(
    {
        "on",
        "opened_on",
        "closed_on",
        "granted_on",
        "decided_on",
        "paid_on",
        "received_on",
        "delivered_on",
        "published_on",
        "done_on",
        "found_on",
        "occurred_on",
        "determined_on",
        "effective_on",
        "from_on",
        "to_on",
        "won_on",
        "repaired_on",
        "repealed_on",
        "issued_on",
        "applies_from",
        "valid_from",
        "period_to",
    }
)

_CONSTANTS: dict[str, object] = {
    "truth_declared": True,
    "state_secret_claimed": False,
    "confidentiality_pledge": True,
    "on_behalf": False,
    "identified": True,
    "fatal": False,
    "responsible": True,
    "opening_ok": True,
    "retroactive": False,
    "trained": True,
    "senior_title": True,
    "qms_audit_skill": True,
    "education": "master",
    "years_experience": 10,
    "pool": "district",
    "source": "own_check",
    "part_no": 1,
    "parts": 1,
    "custody": "software",
    "algorithm": "Ed25519",
    "revision": 1,
    "years_operating": "8",
    "data_years": 3,
    "award": None,
    "stage": "onsite",
    "result": "none",
    "capacity": "expert",
    "severity": "na",
    "domain": "quality",
    "kind": None,
    "void_from": "effective",
    "reason": None,
    **{name: STAND_INS[name] for name in ("channel", "summary_public", "contact", "legal_basis", "purpose")},
    "advice": "advance",
}

_BY_TYPE: dict[tuple[str, str], object] = {
    ("RecommendationIssued", "outcome"): "recommend",
    ("DepartmentOpinionGiven", "outcome"): "clear",
    ("DepartmentOpinionGiven", "subject"): "credit",
    ("EligibilityDecided", "outcome"): "eligible",
    ("PublicNoticeOpened", "kind"): "candidates",
    ("PublicNoticeClosed", "objections"): 0,
    ("ObjectionRaised", "kind"): "notice_objection",
    ("ObjectionRaised", "target_kind"): "case",
    ("GovernmentDecisionMade", "subject"): "award",
    ("PrizePaid", "kind"): "main",
    ("AnnouncementPublished", "kind"): "award",
    ("PostAwardCheckHeld", "kind"): "return_visit",
    ("PostAwardCheckHeld", "outcome"): "maintained",
    ("OnsiteReportConfirmed", "outcome"): "confirmed",
    ("EditionClosed", "reason"): "completed",
    ("EditionClosed", "vacancies"): {},
    ("EventAnnulled", "reason"): "error",
    ("EventAnnulled", "effect"): "void_ab_initio",
    ("CommitteeResolutionAdopted", "subject"): "proposed_awardees",
    ("RegulationEnacted", "kind"): "enactment",
    ("RegulationEnacted", "status"): "in_force",
    ("RegulationEnacted", "transition"): "pinned",
    ("BodyDissolved", "reason"): "work_ended",
    ("ShortlistDecided", "stage"): "onsite",
    ("ObjectionResolved", "measures"): ["none"],
    ("FundMisuseFound", "categories"): ["other"],
    ("RevieweeFeedbackGiven", "work_quality"): 5,
    ("RevieweeFeedbackGiven", "discipline"): 5,
}

_RECOMMENDER_FALLBACK = "industry_dept"

#: List members that are empty when a scenario leaves them out.
_EMPTY = frozenset({"facts", "basis_reports", "score_ids", "attachments", "sources", "about", "checks", "not_selected"})


@cache
def _fields(cls: type[Payload]) -> tuple[msgspec.structs.FieldInfo, ...]:
    """The members of an event class; msgspec reads them anew each time that it is asked."""
    return msgspec.structs.fields(cls)


class Filler:
    """Fills the members of one act."""

    def __init__(self, cast: Cast, pack: Pack, memory: Memory) -> None:
        self._cast = cast
        self._pack = pack
        self._memory = memory

    def fill(self, act: Act, cls: type[Payload], key: str) -> dict[str, object]:
        """Payload members of an act, in JSON form; ``key`` names the act for derived ids and hashes."""
        members = _yuan(act.members, act.where)
        self._memory.resolve(act, members)
        special = _SPECIAL.get(act.do)
        if special is not None:
            special(self, act, members)
        for spec in _fields(cls):
            name = spec.encode_name
            if name in members or not spec.required:
                continue
            members[name] = self._member(act, name, key)
        members = {k: _json(v) for k, v in members.items() if v is not None and v != LEFT_OUT}
        return {k: self._ids(v) if k in EVENT_MEMBERS else v for k, v in members.items()}

    def _member(self, act: Act, name: str, key: str) -> object:
        if (act.do, name) in _BY_TYPE:
            return _BY_TYPE[act.do, name]
        if name in _TODAY:
            return act.on
        if name.endswith(("_hash", "_sha256")):
            return self._cast.document_hash(f"{key}/{name}")
        if name in _EMPTY:
            return []
        if name.endswith(("doc_no", "instrument_no", "voucher_no")):
            return STAND_INS["number"].format(year=act.on.year, number=self._memory.counter(name))
        if name == "present":
            return ["chr"]
        if name == "channels":
            return [STAND_INS["channel"]]
        if name == "edition_id":
            return act.edition or self._memory.edition
        if name == "award":
            return next(iter(self._pack.awards))
        if name == "recommender_kind":
            kinds = self._pack.parameter("recommender.kinds")
            return kinds.words[0] if kinds.words else _RECOMMENDER_FALLBACK
        if (act.do, name) == ("PrizePaid", "channel"):
            return self._pack.parameter("prize.channel").value or "treasury"
        if name == "full":
            full = self._pack.parameter("score.full")
            return full.value or 1000
        if _CONSTANTS.get(name) is not None:
            return _CONSTANTS[name]
        if name.endswith("_id") or name in ("list_id", "resolution_ref"):
            return f"{name.removesuffix('_id')}-{self._memory.counter(name)}"
        return None

    def _ids(self, value: object) -> object:
        """The ids behind labels; what is no label is left as it is."""
        if isinstance(value, list):
            return [self._ids(v) for v in value]
        return self._memory.event(value) if isinstance(value, str) else value

    # Members that follow from others

    def checks(self, act: Act, members: dict[str, object]) -> None:
        failed = texts(members.pop("failed", []), f"{act.where}.failed")
        unseen = StatedCondition(id="text_not_seen", article="0")
        conditions = self._pack.parameter("eligibility.conditions").rows(StatedCondition) or (unseen,)
        members.setdefault(
            "checks",
            [
                {
                    "condition_id": c.id,
                    "article": c.article,
                    "result": "fail" if c.id in failed else "pass",
                    "evidence": [],
                }
                for c in conditions
            ],
        )
        if failed:
            members.setdefault("outcome", "ineligible")

    def opinion(self, act: Act, members: dict[str, object]) -> None:
        members.setdefault("period_from", act.on - timedelta(days=366 * 4))
        members.setdefault("period_to", act.on)

    def opened(self, act: Act, members: dict[str, object]) -> None:
        members.setdefault("year", act.on.year)
        members.setdefault("number", self._memory.counter("edition_number"))
        members.setdefault("awards", list(self._pack.awards))
        pack = self._memory.pack(members.pop("pack", None), f"{act.where}.pack") or self._pack
        members.setdefault("pack_id", pack.id)
        members.setdefault("pack_hash", pack.sha256)
        members.setdefault("standard_versions", list(self._pack.parameter("standard").words or ("GB/T 19580",)))

    def enacted(self, act: Act, members: dict[str, object]) -> None:
        pack = self._memory.pack(members.pop("pack", None), f"{act.where}.pack") or self._pack
        rule: dict[str, object] = {"kind": pack.in_force.kind}
        if pack.in_force.days is not None:
            rule["days"] = pack.in_force.days
        if pack.in_force.on is not None:
            rule["on"] = pack.in_force.on.isoformat()
        for name, value in (
            ("pack_id", pack.id),
            ("version", pack.version),
            ("encoding", pack.encoding),
            ("title", pack.title),
            ("pack_hash", pack.sha256),
            ("text_hash", pack.text_sha256 or self._cast.document_hash(pack.title)),
            ("in_force_rule", rule),
            ("doc_no", pack.doc_no),
            ("issued_on", pack.issued_on or act.on),
            ("adopted_on", pack.adopted_on),
        ):
            members.setdefault(name, value)
        if members.get("status", "in_force") == "in_force":
            members.setdefault(
                "in_force_on", in_force_on(pack.in_force, day(members["issued_on"], f"{act.where}.issued_on"))
            )

    def decision(self, act: Act, members: dict[str, object]) -> None:
        chain = self._pack.parameter("approval.chain").words or ("government_study",)
        form = next((f for f in chain if f not in ("chair_review", "circular")), "government_study")
        members.setdefault("form", form)
        number = STAND_INS["meeting_no"].format(year=act.on.year, number=self._memory.counter("meeting"))
        members.setdefault("meeting_or_doc_no", number)

    def shortlist(self, act: Act, members: dict[str, object]) -> None:
        members.setdefault("selected", [])
        _cases("selected")(self, act, members)
        where = f"{act.where}.not_selected"
        members["not_selected"] = [
            {
                "case": self._memory.case_id(act, text(n.get("case"), f"{where}.case")),
                "reason": n.get("reason", STAND_INS["not_shortlisted"]),
            }
            for n in tables(members.get("not_selected", []), where)
        ]


#: What fills members of one type of act that follow from others.
_Filling = Callable[[Filler, Act, dict[str, object]], None]


def _cases(name: str) -> _Filling:
    def convert(filler: Filler, act: Act, members: dict[str, object]) -> None:
        if name in members:
            members[name] = [filler._memory.case_id(act, c) for c in texts(members[name], f"{act.where}.{name}")]

    return convert


def _rows(filler: Filler, act: Act, members: dict[str, object]) -> None:
    where = f"{act.where}.rows"
    rows = tables(members.get("rows", []), where)
    for i, row in enumerate(rows):
        row["case"] = case = filler._memory.case_id(act, text(row.get("case"), f"{where}.case"))
        row.setdefault("rank", i + 1)
        row.setdefault("award", filler._memory.kinds.get(case, next(iter(filler._pack.awards))))
    if "rows" in members:
        members["rows"] = rows
    _cases("not_listed")(filler, act, members)


def _approved(filler: Filler, act: Act, members: dict[str, object]) -> None:
    award_kind = next(iter(filler._pack.awards))
    where = f"{act.where}.approved"
    approved = []
    for given in items(members.get("approved", []), where):
        item = table({"case": given} if isinstance(given, str) else given, where)
        if "case" in item:
            item["case"] = case = filler._memory.case_id(act, text(item["case"], f"{where}.case"))
            item.setdefault("award", filler._memory.kinds.get(case, award_kind))
        approved.append(_yuan(item, where))
    members["approved"] = approved
    for name in ("rejected", "rejected_cases"):
        _cases(name)(filler, act, members)
    if act.do == "GovernmentDecisionMade":
        filler.decision(act, members)


def _members(filler: Filler, act: Act, members: dict[str, object]) -> None:
    where = f"{act.where}.members"

    def member(item: object) -> dict[str, object]:
        named = table({"principal_id": item} if isinstance(item, str) else item, where)
        return {"seat": "member", "capacity": "expert"} | named

    leader = members.pop("leader", None)
    members["members"] = [
        member(m) | ({"seat": "leader"} if m == leader else {}) for m in items(members.get("members", []), where)
    ]
    _cases("cases")(filler, act, members)
    if members.get("kind") == "panel":
        members.setdefault("edition_id", act.edition or filler._memory.edition)


def _target(filler: Filler, act: Act, members: dict[str, object]) -> None:
    if "case_id" not in members and act.case is None and "award_id" in members:
        members.setdefault("target_kind", "award")


def _file(filler: Filler, act: Act, members: dict[str, object]) -> None:
    """What an ordinary file of this text holds: its years, certificates and figures."""
    pack = filler._pack
    model = pack.parameter("eligibility.excellence_model").value
    model_years = (model.years or 0) if isinstance(model, ExcellenceModel) else 0
    data_years, operating = pack.parameter("data_years"), pack.parameter("eligibility.years_operating")
    members.setdefault("excellence_model_since", add_years(act.on, -(model_years + 2)))
    members.setdefault("data_years", max(3, data_years.number if data_years.value else 0))
    members.setdefault("years_operating", str(max(8, operating.number if operating.value else 0)))
    members.setdefault("legal_form", (pack.parameter("eligibility.legal_form").words or ("legal_person",))[0])
    if pack.parameter("eligibility.registered_locally").yes:
        members.setdefault("registered_locally", True)
    if pack.parameter("quota.by_size").value:
        members.setdefault("size", "medium")
    if pack.parameter("credit_report.required").yes:
        members.setdefault("credit_report_hash", filler._cast.document_hash(f"credit/{members.get('org')}"))
    members.setdefault(
        "certificates",
        [_certificate(act, r) for r in pack.parameter("eligibility.certificates").rows(CertificateRule)],
    )
    money = pack.parameter("eligibility.money").value
    declared = filler._cast.scenario.organisations.get(str(members.get("org")), {})
    sector = members.setdefault("sector", declared.get("sector", "manufacturing"))
    if isinstance(money, MoneyCondition) and money.kind == "tax_per_mu" and sector in (money.sectors or ()):
        members.setdefault("tax_per_mu", needed(money.industrial_tax_per_mu_yuan) * 100 * 2)


def _granted(filler: Filler, _: Act, members: dict[str, object]) -> None:
    """The kind that the case applied for, unless the file says another."""
    applied = filler._memory.kinds.get(str(members.get("case_id")), next(iter(filler._pack.awards)))
    members.setdefault("award", applied)


def _certificate(act: Act, rule: CertificateRule) -> dict[str, object]:
    return {
        "kind": rule.kinds[0],
        "no": STAND_INS["certificate_no"].format(rule=rule.id),
        "valid_from": add_years(act.on, -(rule.years or 0) - 1),
        "valid_until": add_years(act.on, 5),
    }


_SPECIAL: dict[str, _Filling] = {
    "ApplicationFiled": _file,
    "AwardGranted": _granted,
    "EligibilityDecided": Filler.checks,
    "DepartmentOpinionGiven": Filler.opinion,
    "EditionOpened": Filler.opened,
    "RegulationEnacted": Filler.enacted,
    "GovernmentDecisionMade": _approved,
    "CommitteeResolutionAdopted": _approved,
    "ShortlistDecided": Filler.shortlist,
    "CandidateListProposed": _rows,
    "PublicNoticeOpened": _cases("cases"),
    "PublicNoticeClosed": _cases("cases"),
    "RecusalOrdered": _cases("case_ids"),
    "BodyConstituted": _members,
    "ObjectionRaised": _target,
    "OversightFindingIssued": _cases("cases"),
}


class Memory:
    """What earlier acts have said: labels, the edition under way, cases and awards of organisations."""

    def __init__(self, packs: Mapping[str, Pack], counters: dict[str, int] | None = None) -> None:
        """``counters`` are numbers given out so far, where several memories number what they tell together."""
        self.edition = ""
        self.labels: dict[str, str] = {}
        self.cases: dict[str, str] = {}
        self.awards: dict[str, str] = {}
        self.org_of_case: dict[str, str] = {}
        self.panel_leader = ""
        self.kinds: dict[str, str] = {}
        self._packs = packs
        self._counters = {} if counters is None else counters

    def counter(self, name: str) -> int:
        self._counters[name] = self._counters.get(name, 0) + 1
        return self._counters[name]

    def event(self, label: str) -> str:
        """The id behind a label; anything else is left as it is."""
        return self.labels.get(label, label)

    def pack(self, written: object, where: str) -> Pack | None:
        """The pack that an act names, if it names one."""
        name = text_or_none(written, where)
        if name is not None and name not in self._packs:
            raise wrong(
                where,
                sentence(
                    "there is no pack {name} of this regulation; there are {packs}, or a .toml file beside the "
                    "scenario",
                    name=(name, repr(name)),
                    packs=enumeration(self._packs),
                ),
            )
        return None if name is None else self._packs[name]

    def case_id(self, act: Act, name: str) -> str:
        """``A`` is A's case in the edition of the act; a full case id is taken as it is."""
        return name if "/" in name else f"{act.edition or self.edition}/{name}"

    def by_hash(self, pack_hash: str) -> Pack | None:
        """The pack with these bytes."""
        return next((pack for pack in self._packs.values() if pack.sha256 == pack_hash), None)

    @contextmanager
    def untouched(self) -> Iterator[None]:
        """Numbers given inside are given again afterwards."""
        counters = dict(self._counters)
        try:
            yield
        finally:
            self._counters.clear()
            self._counters.update(counters)

    def resolve(self, act: Act, members: dict[str, object]) -> None:
        """Fill case, organisation and award from the act's ``case``, and the other way round."""

        def said(name: str) -> str | None:
            return text_or_none(members.get(name), f"{act.where}.{name}")

        if act.case is not None:
            members.setdefault("case_id", self.case_id(act, act.case))
        filed_by = said("org") if act.do == "ApplicationFiled" else None
        if filed_by is not None:
            members.setdefault("case_id", self.case_id(act, filed_by))
        case = said("case_id")
        if act.do == "ApplicationFiled" and case is not None:
            members.setdefault("org", case.rpartition("/")[2])
        org = said("org") or (self.org_of_case.get(case) if case else None)
        if act.do in _WITH_ORG and org is not None:
            members.setdefault("org", org)
        if act.do in _WITH_AWARD:
            if case is not None and "award_id" not in members:
                members["award_id"] = self.awards.get(case) or f"{case.replace('/', '-')}"
            award = members.get("award_id")
            if award is not None and "org" not in members:
                members["org"] = next((self.org_of_case[c] for c, a in self.awards.items() if a == award), None)
        if act.do not in _WITH_CASE:
            members.pop("case_id", None)

    def remember(self, do: str, members: Mapping[str, object], label: str | None, event_id: str) -> None:
        """After an act was recorded."""
        if label is not None:
            self.labels[label] = event_id

        def said(name: str) -> str:
            return text(members[name], f"{do}.{name}")

        match do:
            case "EditionOpened":
                self.edition = said("edition_id")
            case "ApplicationFiled":
                self.org_of_case[said("case_id")] = said("org")
                self.kinds[said("case_id")] = said("award")
            case "AwardGranted":
                self.awards[said("case_id")] = said("award_id")
            case "BodyConstituted" if members["kind"] == "panel":
                seated = tables(members["members"], f"{do}.members")
                led = [m for m in seated if m["seat"] == "leader"]
                for first in (led or seated)[:1]:
                    self.panel_leader = text(first["principal_id"], f"{do}.members.principal_id")
            case _:
                return


def _with(name: str) -> frozenset[str]:
    return frozenset(
        topic for topic, cls in EVENTS.items() if any(f.encode_name == name for f in msgspec.structs.fields(cls))
    )


_WITH_ORG, _WITH_AWARD, _WITH_CASE = _with("org"), _with("award_id"), _with("case_id")


def _yuan(members: Mapping[str, object], where: str) -> dict[str, object]:
    """``amount_yuan = 200000`` is ``amount = 20000000`` fen."""
    return {
        k.removesuffix("_yuan"): _in_fen(v, f"{where}.{k}") if k.endswith("_yuan") else v for k, v in members.items()
    }


def _in_fen(yuan: object, where: str) -> object:
    if isinstance(yuan, int | float):
        return yuan * 100
    if yuan == LEFT_OUT:
        return yuan
    raise wrong(where, sentence("must be a number of yuan"))


def _json(value: object) -> object:
    match value:
        case date():
            return value.isoformat()
        case dict():
            return {k: _json(v) for k, v in value.items()}
        case list() | tuple():
            return [_json(v) for v in value]
        case _:
            return value
