"""Where a verification goes on: the verifier's own file says how far an earlier run has come."""

from __future__ import annotations

from pathlib import Path

from api.files import read_file, writing
from api.sentences import sentence
from ledger import canonical
from ledger.errors import MalformedError
from ledger.fsck.resume import Mark, Resumption
from ledger.identifiers import parse_digest


def resumption_from(file: Path | None, origin: str) -> Resumption:
    """Where the verifier's own file says that an earlier run had come to, and where this one writes how far it is."""
    if file is None:
        return Resumption()
    marks = canonical.parse_object(read_file(file), str(file)) if file.exists() else {}
    earlier = _mark(file, marks[origin]) if origin in marks else None

    def keep(mark: Mark) -> None:
        marks[origin] = {"size": mark.size, "root": mark.root.hex()}
        unfinished = file.with_name(file.name + ".new")
        with writing(file):
            unfinished.write_bytes(canonical.encode(marks))
            unfinished.replace(file)

    return Resumption(earlier, keep)


def _mark(file: Path, value: object) -> Mark:
    match value:
        case {"size": int(size), "root": str(root)} if size > 0 and not isinstance(size, bool):
            return Mark(size, bytes.fromhex(parse_digest(root, "root")))
    raise MalformedError("malformed_mark", sentence("{file}: a mark has size and root", file=file))
