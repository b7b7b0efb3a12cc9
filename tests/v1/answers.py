"""What a service answers, as JSON."""

from __future__ import annotations

from typing import Any

from fastapi.testclient import TestClient


def json_of(client: TestClient, path: str, **parameters: Any) -> Any:
    response = client.get(path, params=parameters)
    assert response.status_code == 200, response.text
    return response.json()


def fact_of(answer: Any, name: str) -> Any:
    return next(f for f in answer["facts"] if f["fact"] == name)
