"""Guards of rules and calendar."""

from __future__ import annotations

from collections.abc import Sequence

from ledger.admission.view import View, refuse
from ledger.derivation.law import in_force_on
from ledger.events.rules import CalendarPublished, RegulationEnacted, RegulationInterpreted, RegulationRepealed
from ledger.regulation.pack import InForce, Pack, interpreted_value
from ledger.regulation.parameters import ParameterSpec, expand, spec_of
from ledger.regulation.readings import READINGS
from ledger.regulation.words import GROUNDS
from ledger.sentences import sentence


def enacts_a_known_pack(view: View[RegulationEnacted]) -> None:
    p = view.payload
    pack = view.packs.get(p.pack_hash)
    if pack is None:
        refuse(
            "pack_unknown",
            "AUD",
            None,
            sentence("no pack with hash {pack_hash} is stored", pack_hash=p.pack_hash[:16]),
            remedy=sentence("upload the pack's bytes first"),
        )
    for name in ("pack_id", "version", "encoding"):
        stated = {"pack_id": pack.id, "version": pack.version, "encoding": pack.encoding}[name]
        if getattr(p, name) != stated:
            refuse("pack_differs", "AUD", None, sentence("{name} is {stated} in the pack", name=name, stated=stated))
    _check_status(view, pack)
    rule = InForce(p.in_force_rule.kind, p.in_force_rule.days, p.in_force_rule.on, None)
    if p.status in ("draft", "legacy_stub"):
        if p.in_force_on is not None and p.status == "draft":
            refuse("draft_in_force", "B-44", None, sentence("a draft has no date in force"))
        return
    if p.issued_on is None or p.in_force_on is None:
        refuse("not_issued", "AUD", None, sentence("an issued text has a day of issue and a day of entry into force"))
    stated = {in_force_on(rule, p.issued_on, choice) for choice in READINGS["reading.in_force_days_after"].choices}
    if p.in_force_on not in stated:
        refuse(
            "in_force_differs",
            pack.in_force.rule or "AUD",
            pack.in_force.article,
            sentence("the day of entry into force is {stated} by the text's own rule", stated=min(stated)),
            reading={"on_publication": "B-8/G19:default", "days_after": "B-7:default"}.get(rule.kind),
        )


def _check_status(view: View[RegulationEnacted], pack: Pack) -> None:
    p = view.payload
    if p.status == pack.status:
        return
    promulgated = (
        p.status == "in_force" and pack.status in ("draft", "interpretation_only") and p.doc_no and p.issued_on
    )
    if not (promulgated and view.mode == "simulation"):
        refuse(
            "draft_never_governs",
            "B-44",
            None,
            sentence(
                "the pack is {status}; in a production log it becomes law only as a pack of the promulgated text",
                status=pack.status,
            ),
            remedy=sentence("write a pack of the promulgated text, or use a simulation log"),
            reading="B-44:default",
        )


def repeals_known(view: View[RegulationRepealed]) -> None:
    target = view.payload.pack_or_doc_no
    if not any(version.is_called(target) for version in view.law.versions):
        refuse("regulation_unknown", "AUD", None, sentence("{target} is not known to this log", target=target))


def interprets_silence_only(view: View[RegulationInterpreted]) -> None:
    p = view.payload
    versions = [v for v in view.law.versions if v.pack.id == p.pack_id and v.status != "legacy_stub"]
    if not versions:
        refuse("regulation_unknown", "AUD", None, sentence("no text {pack_id} is enacted here", pack_id=p.pack_id))
    packs = [v.pack for v in versions]
    if p.param_path in READINGS:
        reading = READINGS[p.param_path]
        if p.value not in reading.choices:
            choices = ", ".join(reading.choices)
            refuse("reading_unknown", "AUD", None, sentence("choices are {choices}", choices=choices))
        _refuse_explicit(packs, reading.settled_by)
        return
    specs = dict[str, ParameterSpec]()
    for pack in packs:
        grounds = GROUNDS if pack.status == "interpretation_only" else pack.grounds
        specs |= expand(pack.awards, (*grounds, *pack.grounds))
    if p.param_path not in specs:
        refuse(
            "parameter_unknown",
            "AUD",
            None,
            sentence("{param_path} is no parameter of {pack_id}", param_path=p.param_path, pack_id=p.pack_id),
        )
    interpreted_value(p.param_path, specs[p.param_path], p.value)
    _refuse_explicit(packs, p.param_path)


def _refuse_explicit(packs: Sequence[Pack], path: str | None) -> None:
    """An interpretation fills silence; where every version speaks, only an amendment changes it.

    Where one version speaks and another is silent, it fills the silence of the other: each version's own words come
    first (``Law.stated``).
    """
    newest = {(pack.id, pack.version): pack for pack in packs}.values()
    said = [pack.parameters.get(path) for pack in newest] if path else []
    speaking = [one for one in said if one is not None and one.absence is None]
    if speaking and len(speaking) == len(newest):
        stated, named = speaking[-1], spec_of(path or "")
        refuse(
            "text_is_explicit",
            stated.rule or "AUD",
            f"{packs[-1].id}:{stated.article}",
            sentence(
                "the text states “{parameter}”; an interpretation never changes it", parameter=(named.zh, named.en)
            ),
            remedy=sentence("amend the regulation"),
        )


def calendar_is_sound(view: View[CalendarPublished]) -> None:
    p = view.payload
    days = [*p.holidays, *p.makeup_workdays]
    if any(d.year != p.year for d in days) or len(set(days)) != len(days):
        refuse("calendar_unsound", "AUD", None, sentence("every day lies in the year and appears once"))
    # As answers take them: the one known last, whatever the days the two bear.
    before = max(view.live.of(CalendarPublished, year=p.year), key=lambda e: e.position, default=None)
    if before is not None and p.supersedes != before.id:
        refuse(
            "calendar_exists",
            "AUD",
            None,
            sentence("{year} is published; name the entry that this one supersedes", year=p.year),
            event=before.id,
        )
