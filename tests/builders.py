"""Builders: a small town in which anything can be acted out, line by line, through real admission."""

from __future__ import annotations

import secrets
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PrivateKey

from api.scenario.cast import Cast
from api.scenario.document import Act, parse_scenario
from api.scenario.play import Outcome, Player, SimulatedClock
from api.scenario.run import packs_for
from ledger.application import Ledger
from ledger.errors import RefusedError, RongjianError
from ledger.events.vocabulary import EVENTS
from ledger.heads import Heads
from ledger.log_signer import LogSigner
from ledger.signing import envelope as dsse
from ledger.signing.suites import AnyPrivateKey
from ledger.statement import compose
from ledger.store.database import Database
from ledger.store.vault import Vault
from ledger.submission import Submission

HEAD = """
[scenario]
title = "test"
pack = "{pack}"
starts = {starts}
mode = "{mode}"
[organisations]
A = {{ name = "甲（演示）", uscc = "91360700DEM000196Q", sector = "manufacturing" }}
B = {{ name = "乙（演示）", uscc = "91360700DEM000209E", sector = "manufacturing" }}
C = {{ name = "丙（演示）", uscc = "12360700DEM000217E", sector = "medical", form = "institution" }}
[reviewers]
R1 = {{ leader = true }}
R2 = {{}}
R3 = {{}}
R4 = {{}}
R5 = {{}}
[committee]
members = 3
"""


class Town:
    """A log with its cast; :meth:`act` submits one event and gives its outcome."""

    def __init__(
        self,
        origin: str,
        database: Database,
        vault: Vault,
        log_key: Ed25519PrivateKey,
        kek: bytes,
        *,
        pack: str = "ganzhou/2022",
        mode: str = "simulation",
        seed: bytes | None = None,
        starts: date = date(2023, 1, 2),
        mldsa: MLDSA44PrivateKey | None = None,
    ) -> None:
        self.scenario = parse_scenario(HEAD.format(pack=pack, mode=mode, starts=starts).encode(), Path("test.toml"))
        self.packs = packs_for(self.scenario)
        self.clock = SimulatedClock(self.scenario.starts)
        self.kek = kek
        self.log_key = log_key
        self.database = database
        self.ledger = Ledger(database, vault, LogSigner(origin, log_key, mldsa), self.clock)
        self.cast = Cast(seed or secrets.token_bytes(32), self.scenario)
        self.player = Player(self.ledger, self.cast, self.packs, self.clock)
        self._acts = 0
        self._opened: dict[str, date] = {}
        list(self.player.play())

    def line(self, do: str, on: date, recorded: date | None = None, **members: Any) -> Act:
        """One act as a scenario line would be."""
        special = {
            k: members.pop(k) for k in ("by", "label", "late", "override", "case", "edition", "refused") if k in members
        }
        return Act(
            where="test",
            on=on,
            recorded=recorded or on,
            do=do,
            by=special.get("by"),
            role=members.pop("as_", None),
            with_=members.pop("with_", None),
            label=special.get("label"),
            refused=special.get("refused"),
            late=special.get("late"),
            override=special.get("override"),
            basis=members.pop("basis", ()),
            causes=members.pop("causes", ()),
            case=special.get("case"),
            edition=special.get("edition"),
            members=members,
        )

    def act(self, do: str, on: date, recorded: date | None = None, **members: Any) -> Outcome:
        """Submit one act."""
        self._acts += 1
        line = self.line(do, on, recorded, **members)
        self.player._publish_calendars(line.recorded)
        self.player._declare_before_scoring(replace(line, refused=None))
        outcome = self.player._perform(line, f"test/{self._acts}")
        self.ledger.heads.sign(self.ledger.log.head())
        return outcome

    def must(self, do: str, on: date, recorded: date | None = None, **members: Any) -> str:
        """Submit one act that has to be recorded; returns its event id."""
        outcome = self.act(do, on, recorded, **members)
        if outcome.refusal is not None:
            raise outcome.refusal
        assert outcome.recorded is not None
        return outcome.recorded.id

    def refused(self, do: str, on: date, recorded: date | None = None, **members: Any) -> RefusedError:
        """Submit one act that has to be refused; returns the refusal."""
        outcome = self.act(do, on, recorded, refused={}, **members)
        assert outcome.refusal is not None, f"{do} was recorded"
        return outcome.refusal

    def refusal_of(self, submission: Submission) -> RongjianError:
        """Submit what has to be refused, whoever made it; returns the refusal. Nothing may have been recorded."""
        size = self.ledger.size()
        try:
            self.ledger.submit(submission)
        except RongjianError as refusal:
            assert self.ledger.size() == size
            return refusal
        raise AssertionError("it was recorded")

    def signed(self, do: str, on: date, **members: Any) -> Submission:
        """A submission that is not submitted."""
        self._acts += 1
        self.clock.advance(on)
        submission, _ = self.player._submission(self.line(do, on, **members), EVENTS[do], f"test/{self._acts}")
        return submission

    def own_key(self, who: str) -> dict[str, Any]:
        """The members of the act by which a principal registers its key."""
        key = self.cast.key(who).public
        return {
            "principal_id": who,
            "key_id": key.keyid,
            "algorithm": key.algorithm,
            "public_key": key.raw.hex(),
            "valid_from": "2023-05-01T00:00:00+08:00",
            "valid_until": "2090-01-01T00:00:00+08:00",
            "custody": "ukey",
        }

    def registration(self, new: AnyPrivateKey, **changes: Any) -> Submission:
        """A new key of the finance officer, signed by itself, by the old one and by the registrar; not submitted."""
        day = date(2023, 5, 5)
        self.clock.advance(day)
        payload = {
            "principal_id": "fin1",
            "key_id": new.public.keyid,
            "algorithm": new.public.algorithm,
            "public_key": new.public.raw.hex(),
            "valid_from": "2023-05-05T00:00:00+08:00",
            "valid_until": "2030-01-01T00:00:00+08:00",
            "custody": "ukey",
            "replaces": self.cast.key("fin1").public.keyid,
        } | changes
        body = compose(
            type="KeyRegistered",
            log=self.ledger.origin,
            id=self.cast.statement_id(secrets.token_hex(4), self.clock()),
            actor="fin1",
            role="FIN",
            effective_at=day.isoformat(),
            payload=payload,
        )
        envelope = dsse.sign(body, new, self.cast.key("fin1"), self.cast.key("opr"))
        return Submission(envelope, envelope.to_bytes(), {})

    def edition(self, edition_id: str = "GZ-2023", on: date = date(2023, 5, 4), number: int = 4, **more: Any) -> str:
        """Open an edition with a wide window."""
        self._opened[edition_id] = on
        return self.must(
            "EditionOpened",
            on,
            edition_id=edition_id,
            number=number,
            window_from=on,
            window_to=max(on.replace(month=12), on + timedelta(days=120)),
            **more,
        )

    def not_opened(self, edition_id: str, on: date, number: int) -> RefusedError:
        """The refusal of an edition that no law in force allows."""
        return self.refused("EditionOpened", on, edition_id=edition_id, number=number, window_from=on, window_to=on)

    def interpretation(self, param_path: str, value: Any, since: date | None = None) -> dict[str, Any]:
        """The members of one reading of the Ganzhou text, for ``must`` or ``refused``."""
        members = {"pack_id": "GZ", "param_path": param_path, "value": value}
        return members | ({"applies_from": since} if since else {})

    def award(
        self, org: str, on: date, *, case: str | None = None, kind: str = "quality", prize: int | None = None
    ) -> str:
        """An award by the ordinary course; filed early enough for a notice to be over by ``on``."""
        name = case or org
        opened = self._opened[self.player.memory.edition]
        filed = max(opened, on - timedelta(days=40))
        self.must("ApplicationFiled", filed, on, org=org, award=kind, case_id=f"{self.player.memory.edition}/{name}")
        decision = f"DEC-{self.player.memory.edition}-{name}"
        item: dict[str, Any] = {"case": name, "award": kind} | ({"prize_amount": prize} if prize is not None else {})
        self.must("GovernmentDecisionMade", on, decision_id=decision, approved=[item])
        self.must("AwardGranted", on, case=name, award=kind, decision_id=decision)
        return f"{self.player.memory.edition}-{name}"

    def grow(self, size: int, on: date) -> None:
        """Register persons until the log has ``size`` entries."""
        while (n := self.ledger.size()) < size:
            self.must(
                "PrincipalRegistered", on, principal_id=f"P{n}", kind="person", person_name="某", id_number=f"X{n}"
            )

    def revoke(self, case: str, ground: str, on: date, *, decision: str = "R", **more: Any) -> str:
        """Finding, request, decision and revocation of an award; returns the revocation's id."""
        award = f"{self.player.memory.edition}-{case}" if "/" not in case else case.replace("/", "-")
        fact = self.must(
            "IncidentRecorded",
            on,
            org=case.rpartition("/")[2],
            incident_id=f"I-{decision}",
            category="other",
            authority="x",
            occurred_on=on,
        )
        self.must("RevocationProposed", on, case=case, ground=ground, facts=[fact])
        self.must(
            "GovernmentDecisionMade", on, decision_id=decision, subject="revocation", approved=[{"award_id": award}]
        )
        return self.must("AwardRevoked", on, case=case, ground=ground, decision_id=decision, **more)


def sign_under(ledger: Ledger, heads: Heads) -> None:
    """Give a log other heads, wherever it asks them: to sign, to refuse, to prove."""
    ledger.heads = ledger.evidence._heads = ledger.submitting._heads = heads
