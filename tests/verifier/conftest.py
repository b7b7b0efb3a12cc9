from __future__ import annotations

import pytest

from tests.verifier.alone import Alone, install


@pytest.fixture(scope="session")
def alone(tmp_path_factory: pytest.TempPathFactory) -> Alone:
    """The verifier, installed by itself."""
    return install(tmp_path_factory.mktemp("alone"))
