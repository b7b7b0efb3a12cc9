"""The logs that a version gives out, told: ``story``, ``erased`` and ``odd``."""

from __future__ import annotations

import base64
import json
import shutil
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path

import httpx

from api.heads.stamper import Authority, Stamper, believed
from api.home.demo import demo_scenarios
from api.scenario.cast import Cast
from api.scenario.document import Scenario, read_scenario
from api.scenario.play import Player
from api.scenario.run import packs_for
from ledger.application import Ledger
from ledger.clock import SHANGHAI, format_instant
from ledger.signing import sm2
from ledger.signing.keys import PrivateKey
from ledger.tlog import timestamp
from tests.builders import Town
from tests.given_out.town import GivenClock, GivenTown, Signing
from tests.heads.test_timestamps import make_authority
from tests.passkeys import Passkey


def _keys_of_every_suite(town: Town, sign: Signing) -> None:
    """Finance changes to an SM2 key, the department to a passkey; each then records something."""
    national, passkey = sm2.generate(), Passkey()
    for who, role, new, suite in (("fin1", "FIN", national, "SM2"), ("dep", "DEP", passkey, "WebAuthn-ES256")):
        payload = {
            "principal_id": who,
            "key_id": new.public.keyid,
            "algorithm": suite,
            "public_key": new.public.raw.hex(),
            "custody": "ukey",
            "valid_from": "2023-01-01T00:00:00+08:00",
            "valid_until": "2099-01-01T00:00:00+08:00",
        }
        sign.record("KeyRegistered", who, role, payload, new, town.cast.key(who), town.cast.key("opr"))
    on = town.clock().astimezone(SHANGHAI).date()
    incident = {
        "org": "B",
        "incident_id": "I-passkey",
        "category": "other",
        "domain": "quality",
        "severity": "na",
        "fatal": False,
        "responsible": True,
        "occurred_on": on.isoformat(),
        "determined_on": on.isoformat(),
        "authority": "市监局（演示）",
        "doc_no": "演〔2023〕1号（演示）",
    }
    sign.record("IncidentRecorded", "dep", "DEP", incident, passkey, restricted={"/details": "情况（演示）"})


def tell_erased(ledger: Ledger, clock: GivenClock, target: Path) -> None:
    """Values erased as this version allows it: by OPR and DIS, and by seats that will not be allowed to any more."""
    town, sign, on = GivenTown(ledger, clock, "erased"), Signing(ledger, clock), date(2023, 6, 20)
    _keys_of_every_suite(town, sign)
    key = town.cast.key
    town.edition()
    town.award("A", on)
    paid = town.must("PrizePaid", on, case="A", amount=50_000_000, payee_account="6222-0001")
    asked = {"action": "opened", "purpose": "核对到账", "target_event": paid, "paths": ["/payee_account"]}
    _, opened = ledger.disclosing.disclose(town.signed("RestrictedDataHandled", on, by="fin1", as_="FIN", **asked))
    (target / "disclosures.json").write_text(json.dumps([d.to_json() for d in opened], ensure_ascii=False), "utf-8")
    incident = town.must(
        "IncidentRecorded", on, org="B", incident_id="I-B", category="other", authority="x", details="细节（演示）"
    )
    enrolled = {
        e.statement.payload.principal_id: e.statement.id
        for e in town.ledger.events()
        if e.statement.type == "PrincipalRegistered"
    }
    town.must(
        "RestrictedDataHandled",
        on,
        by="opr",
        as_="OPR",
        with_=("dis",),
        target_event=enrolled["R5"],
        paths=["/contact"],
        action="erased",
        subject="R5",
        purpose="本人申请",
        legal_basis="个人信息保护法第四十七条",
    )
    for who, role, target, paths, subject in (
        ("dep", "DEP", enrolled["rec"], ["/person_name"], "rec"),
        ("A", "APP", incident, ["/details"], "A"),
        ("sec", "SEC", enrolled["R4"], ["/contact"], "R4"),
    ):
        payload = {
            "target_event": target,
            "paths": paths,
            "action": "erased",
            "purpose": "x",
            "legal_basis": "x",
            "opening_ok": True,
            "subject": subject,
        }
        sign.record("RestrictedDataHandled", who, role, payload, key(who), on=on)


def tell_odd(ledger: Ledger, clock: GivenClock, target: Path) -> None:
    """What this version records and a stricter one will refuse; none of it makes the log less whole."""
    town, sign, on = GivenTown(ledger, clock, "odd"), Signing(ledger, clock), date(2023, 6, 20)
    key, opr, sech = town.cast.key, town.cast.key("opr"), town.cast.key("sech")
    names = {
        "V": "癸\u000b公司",
        "N": "子\u0000公司",
        "U": "丑\ufffd公司",
        "B8": "寅\u202e司公\u202c",
        "Z": "卯\u200b公司",
        "T": "辰\U000e0041公司",
        "S": "\u00a0",
    }
    for n, (org, name) in enumerate(names.items()):
        code = _uscc(9100 + n)
        payload = {
            "principal_id": org,
            "kind": "organisation",
            "org_name": name,
            "uscc": code,
            "org_form": "enterprise",
            "sector": "manufacturing",
        }
        sign.record("PrincipalRegistered", "opr", "OPR", payload, opr, sech, on=on)
    for person in ("Opr", "oPR"):
        sign.record("PrincipalRegistered", "opr", "OPR", {"principal_id": person, "kind": "person"}, opr, sech, on=on)
    sign.record(
        "RoleGranted",
        "gov",
        "GOV",
        {"principal_id": "oPR", "role": "DIS", "valid_from": on.isoformat(), "instrument_no": "演〔2023〕2号（演示）"},
        key("gov"),
    )
    # Effective long before the genesis and not said to be late; ids of another age.
    sign.record(
        "PrincipalRegistered",
        "opr",
        "OPR",
        {"principal_id": "early", "kind": "person"},
        opr,
        sech,
        effective_at="2000-01-01",
    )
    for n, year in enumerate((1970, 2100)):
        at = int(datetime(year, 1, 2, tzinfo=SHANGHAI).timestamp() * 1000)
        sign.record(
            "PrincipalRegistered", "opr", "OPR", {"principal_id": f"age{n}", "kind": "person"}, opr, sech, at=at
        )
    # A further key without the holder's own; a passkey of a whole suffix; a revocation that knows the future.
    further, suffix = PrivateKey(b"\x01" * 32), Passkey(site="com", page="https://anything.com")
    stated = {
        "valid_from": "2023-01-02T00:00:00+08:00",
        "valid_until": "2099-01-01T00:00:00+08:00",
        "custody": "software",
    }
    sign.record(
        "KeyRegistered",
        "R1",
        "REV",
        {
            "principal_id": "R1",
            "key_id": further.public.keyid,
            "algorithm": "Ed25519",
            "public_key": further.public.raw.hex(),
            **stated,
        },
        further,
        sech,
        opr,
    )
    sign.record(
        "KeyRegistered",
        "R2",
        "REV",
        {
            "principal_id": "R2",
            "key_id": suffix.public.keyid,
            "algorithm": "WebAuthn-ES256",
            "public_key": suffix.public.raw.hex(),
            **stated,
        },
        suffix,
        key("R2"),
        opr,
    )
    sign.record(
        "KeyRevoked",
        "R2",
        "REV",
        {
            "principal_id": "R2",
            "key_id": suffix.public.keyid,
            "reason": "compromised",
            "compromised_since": "2099-01-01T00:00:00+08:00",
        },
        key("R2"),
    )
    # A notice that nobody closes; a winner with a name that no document can hold, granted without a decision.
    town.edition()
    override = {"override": {"reason": "补办（演示）", "instrument_no": "演〔2023〕3号（演示）", "by": "sup"}}
    for org in ("V", "N"):
        sign.record(
            "RoleGranted",
            "sech",
            "SECH",
            {
                "principal_id": org,
                "role": "APP",
                "scope": {"org": org},
                "valid_from": on.isoformat(),
                "instrument_no": "演〔2023〕4号（演示）",
            },
            sech,
            on=on,
        )
        town.must(
            "AwardGranted",
            on,
            case=org,
            award="quality",
            decision_id=f"DEC-{org}",
            org=org,
            award_id=f"GZ-2023-{org}",
            **override,
        )
    town.award("A", on)
    town.must("PublicNoticeOpened", on, cases=["A"], notice_id="N-open", promised_end=date(2023, 7, 5), **override)
    # One statement recorded under a clock 400 days ahead; what follows bears the same instant.
    clock.advance(clock().astimezone(SHANGHAI).date() + timedelta(days=400))
    for person in ("after1", "after2"):
        sign.record(
            "PrincipalRegistered",
            "opr",
            "OPR",
            {"principal_id": person, "kind": "person"},
            opr,
            sech,
            on=date(2023, 6, 21),
        )


def _uscc(number: int) -> str:
    from ledger.identifiers import _USCC_ALPHABET, _USCC_WEIGHTS, _organisation_check

    body = f"91360700DEM0{number:04d}"
    first = body + _organisation_check(body[8:16])
    total = sum(_USCC_ALPHABET.index(c) * w for c, w in zip(first, _USCC_WEIGHTS, strict=True))
    return first + _USCC_ALPHABET[(31 - total % 31) % 31]


def _stamped(ledger: Ledger, target: Path, clock: GivenClock, sign: Signing, cast: Cast) -> None:
    """A head time-stamped by an authority of this machine, the token logged in, and the head after it stamped again."""
    scratch = target / "tsa"
    scratch.mkdir()
    roots, reply = make_authority(scratch, days=36_500)
    client = httpx.Client(transport=httpx.MockTransport(lambda r: httpx.Response(200, content=reply(r.content))))
    authority = Authority(
        "given-tsa", "http://tsa.example/", tuple(timestamp.parse_roots((roots / "ca.pem").read_bytes()))
    )
    ledger.outside.authorities = believed([authority])
    assert Stamper(ledger, [authority], client).round() == {"given-tsa": "stamped"}
    token, head = ledger.outside.newest_timestamp()
    payload = {
        "time_authority": token.authority,
        "tree_size": head.size,
        "root_hash": head.root.hex(),
        "token": base64.b64encode(token.response).decode(),
        "attested_at": format_instant(token.at),
    }
    clock.at(token.at)
    sign.record("TimeAttested", "opr", "OPR", payload, cast.key("opr"))
    assert Stamper(ledger, [authority], client).round() == {"given-tsa": "stamped"}
    shutil.copy(roots / "ca.pem", target / "tsa.pem")
    shutil.rmtree(scratch)


def demo() -> Scenario:
    whole = read_scenario(next(p for p in demo_scenarios() if p.stem == "zhongyuan"))
    return replace(whole, acts=tuple(a for a in whole.acts if a.recorded <= date(2026, 6, 1)))


def tell_story(ledger: Ledger, clock: GivenClock, target: Path) -> None:
    scenario = demo()
    cast = Cast(b"given-out", scenario)
    list(Player(ledger, cast, packs_for(scenario), clock).play())
    _stamped(ledger, target, clock, Signing(ledger, clock), cast)
