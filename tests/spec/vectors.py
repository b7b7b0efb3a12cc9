"""Small logs, a good one and a spoilt one for each sentence of the specification: ``python -m tests.spec.vectors
docs/spec/vectors.json``.

Both verifiers say of each what stands with it; whoever writes a third one starts here. The file is made by this script
and by nothing else, and comes out the same each time.
"""

from __future__ import annotations

import base64
import json
import sys
from pathlib import Path
from typing import Any

from tests.spec.small_log import ORIGIN, PACK, begun
from tests.spec.vector import Case, Vector
from tests.spec.vectors_of_folders import vectors_of_files, vectors_of_index_logs
from tests.spec.vectors_of_statements import vectors_of_form, vectors_of_identity
from tests.spec.vectors_of_times import vectors_of_losses, vectors_of_times


def all_vectors() -> list[Vector]:
    """Every vector, in the order of the specification."""
    return [
        *vectors_of_form(),
        *vectors_of_identity(),
        *vectors_of_times(),
        *vectors_of_losses(),
        *vectors_of_files(),
        *vectors_of_index_logs(),
    ]


def document() -> str:
    """The file: entries that all logs begin with are written once, and counted in ``common`` of each log."""
    common = begun().entries

    def told(case: Case) -> dict[str, Any]:
        value, shared = case.to_json(), 0
        while shared < min(len(common), len(case.entries)) and common[shared] == case.entries[shared]:
            shared += 1
        return {"common": shared, **value, "entries": value["entries"][shared:]}

    vectors = [{"name": v.name, "rule": v.rule, "good": told(v.good), "spoilt": told(v.spoilt)} for v in all_vectors()]
    whole = {
        "kind": "rongjian/log-vectors@v1",
        "origin": ORIGIN,
        "documents": [base64.b64encode(PACK).decode()],
        "common": [base64.b64encode(e).decode() for e in common],
        "vectors": vectors,
    }
    return json.dumps(whole, ensure_ascii=False, indent=1) + "\n"


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(document(), "utf-8")
