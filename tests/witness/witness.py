"""A witness of ours, asked over HTTP as any other is."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from fastapi.testclient import TestClient

from api.witness.home import WitnessHome
from ledger.tlog.cosignature import Ed25519Cosigner


@dataclass
class Witness:
    home: WitnessHome
    client: TestClient
    folder: Path

    def add(self, body: bytes) -> tuple[int, str]:
        answer = self.client.post("/add-checkpoint", content=body)
        return answer.status_code, answer.text

    @property
    def key(self) -> Ed25519Cosigner:
        return self.home.cosigner
