"""Inquiries put to a service, or by the installed command, and what is answered."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from fastapi.testclient import TestClient

from api.home.settings import Settings


def get(client: TestClient, path: str, **parameters: Any) -> Any:
    response = client.get(path, params=parameters or None)
    assert response.status_code == 200, response.text
    return response.json()


def ask(client: TestClient, log: str, inquiry: str, **parameters: Any) -> Any:
    return get(client, f"/v1/logs/{log}/inspect/{inquiry}", **parameters)


def run(home: Settings, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {k: v for k, v in os.environ.items() if not k.startswith("RONGJIAN_")}
    environment |= {
        "RONGJIAN_HOME": str(home.home),
        "RONGJIAN_DATABASE_URL": str(home.database_url),
        "LANG": "zh_CN.UTF-8",
    }
    command = [str(Path(sys.executable).with_name("rongjian")), *arguments]
    return subprocess.run(command, capture_output=True, text=True, env=environment, timeout=120, check=False)
