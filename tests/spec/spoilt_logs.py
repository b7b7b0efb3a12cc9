"""Random spoilings of logs that are whole: of an export's bytes, and of what its owner would sign again.

Everything follows from a seed, which whoever runs this prints. A spoiling may leave a log whole (an unknown key's line,
a full tile beside a partial one): both verifiers are asked, and nothing is expected but that they agree.
"""

from __future__ import annotations

import base64
import json
import random
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from ledger import canonical
from ledger.entry import frame, unframe
from ledger.errors import RongjianError
from ledger.signing import envelope as dsse
from ledger.signing.keys import PrivateKey
from ledger.tlog.note import Ed25519Signer, VerifierKey
from tests.spec.folders import HeadSigner, read_entries, write_log
from tests.spoiling import paths_of, with_at


@dataclass(frozen=True)
class Whole:
    """A log that is whole: its folder, its reader's keys, who signs its heads, and the Ed25519 keys of its people by
    key id.
    """

    name: str
    folder: Path
    origin: str
    vkeys: tuple[str, ...]
    signer: HeadSigner
    people: Mapping[str, PrivateKey]

    @property
    def entries(self) -> list[bytes]:
        size = int((self.folder / "checkpoint").read_text("utf-8").split("\n")[1])
        return read_entries(self.folder, size)

    @property
    def documents(self) -> list[bytes]:
        return [path.read_bytes() for path in sorted((self.folder / "documents").glob("*"))]


# Bytes of the folder.


def a_file_changed(draw: random.Random, folder: Path, under: str) -> str:
    path = draw.choice(
        sorted(p for p in folder.rglob("*") if p.is_file() and str(p.relative_to(folder)).startswith(under))
    )
    content = bytearray(path.read_bytes())
    at, how = draw.randrange(len(content)), draw.choice(("bit", "byte", "cut", "end", "gone", "more", "twice", "empty"))
    match how:
        case "bit":
            content[at] ^= 1 << draw.randrange(8)
        case "byte":
            content[at] = draw.randrange(256)
        case "cut":
            del content[at : at + draw.choice((1, 2, 32))]
        case "end":
            del content[at:]
        case "more":
            content += draw.randbytes(draw.choice((1, 32, 64)))
        case "twice":
            content[at:at] = content[max(0, at - 32) : at]
        case "empty":
            content.clear()
        case _:
            path.unlink()
            return f"{path.relative_to(folder)} gone"
    path.write_bytes(bytes(content))
    return f"{path.relative_to(folder)} {how} at {at}"


def a_line_of_the_head_changed(draw: random.Random, folder: Path, _under: str) -> str:
    path = folder / draw.choice(("checkpoint", "index"))
    if path.is_dir():
        path = next(path.iterdir())
    lines = path.read_text("utf-8").split("\n")
    at, how = (
        draw.randrange(len(lines)),
        draw.choice(("gone", "twice", "swapped", "stranger", "letter", "space", "control")),
    )
    match how:
        case "gone":
            del lines[at]
        case "twice":
            lines.insert(at, lines[at])
        case "swapped":
            other = draw.randrange(len(lines))
            lines[at], lines[other] = lines[other], lines[at]
        case "stranger":
            lines.insert(
                len(lines) - 1,
                f"— {draw.choice(('stranger', lines[0]))} {base64.b64encode(draw.randbytes(72)).decode()}",
            )
        case "letter" if lines[at]:
            i = draw.randrange(len(lines[at]))
            lines[at] = lines[at][:i] + draw.choice("Ab0+/=\u2014é") + lines[at][i + 1 :]
        case "space":
            lines[at] += draw.choice((" ", "\r", "\t"))
        case _:
            lines[at] += draw.choice(("\x00", "\x0b", "\x1f", "\u0085", "\ufeff"))
    path.write_text("\n".join(lines), "utf-8", newline="")
    return f"{path.name} line {at} {how}"


# Entries that the log's owner signs again.


def a_frame_changed(draw: random.Random, entries: list[bytes]) -> str:
    at, how = (
        draw.randrange(len(entries)),
        draw.choice(("gone", "twice", "swapped", "byte", "blank", "time", "order", "empty", "signatures", "payload")),
    )
    entry = entries[at]
    match how:
        case "gone":
            del entries[at]
        case "twice":
            entries.insert(draw.randrange(at, len(entries)), entry)
        case "swapped":
            other = draw.randrange(len(entries))
            entries[at], entries[other] = entries[other], entry
        case "byte":
            i = draw.randrange(len(entry))
            entries[at] = entry[:i] + bytes([draw.randrange(256)]) + entry[i + 1 :]
        case "blank":
            entries[at] = entry.replace(b'":', b'": ', 1)
        case "time":
            entries[at] = frame(unframe(entry)[0], _another_time(draw, unframe(entry)[1]))
        case "order":
            entries[at] = b'{"recorded_at":"2024-01-01T00:00:00.000000Z",' + entry[1:]
        case "empty":
            entries[at] = draw.choice((b"", b"null", b"[]", b'""', b"{}", b'{"envelope":null,"recorded_at":null}'))
        case _:
            entries[at] = _envelope_changed(draw, entry, how)
    return f"entry {at + 1} {how}"


def _another_time(draw: random.Random, at: datetime) -> datetime:
    return draw.choice(
        (
            at - timedelta(days=400),
            at + timedelta(days=4_000),
            at.replace(year=2199),
            at - timedelta(microseconds=1),
            at.replace(year=1899),
        )
    )


def _envelope_changed(draw: random.Random, entry: bytes, how: str) -> bytes:
    envelope_bytes, at = unframe(entry)
    envelope = json.loads(envelope_bytes)
    signed = envelope["signatures"]
    one = draw.randrange(len(signed))
    wrong = draw.choice(
        (None, 5, "", "AA", "AA=", [], {}, signed[one]["sig"] + "=", base64.b64encode(draw.randbytes(64)).decode())
    )
    if how == "payload":
        envelope[draw.choice(("payload", "payloadType"))] = wrong
    else:
        match draw.randrange(6):
            case 0:
                del signed[one]
            case 1:
                signed.append(signed[one])
            case 2:
                signed.reverse()
            case 3:
                signed[one] = draw.choice((None, [], {**signed[one], "more": 1}, {"keyid": signed[one]["keyid"]}))
            case 4:
                signed[one]["keyid"] = draw.choice(
                    (None, [signed[one]["keyid"]], signed[one]["keyid"].upper(), "0" * 64, 7)
                )
            case _:
                signed[one]["sig"] = wrong
    return frame(canonical.encode(envelope), at)


#: What a member may be instead.
WRONG: tuple[Any, ...] = (
    None,
    "",
    " ",
    "x",
    "A\n",
    "x" * 501,
    0,
    -1,
    2,
    2**53 - 1,
    True,
    False,
    [],
    {},
    [None],
    ["x"],
    {"x": 1},
    "2024-01-01",
    "1899-12-31",
    "3000-01-01",
    "2024-02-30",
    "2024-1-1",
    "2099-01-01",
    "2099-01-01T00:00:00Z",
    "2024-01-01T00:00:00",
    "2024-01-01T00:00:00+09:00",
    "2024-01-01t00:00:00z",
    "2024-01-01T24:00:00Z",
    "2024-01-01T00:00:00.1234567Z",
    "0" * 64,
    "F" * 64,
    "XX:1",
    "XX",
    "gov",
    "opr",
    "GOV",
    "SECH",
    "P",
    "R",
    "late",
    "delayed",
    "0190a5b0-0000-7000-8000-000000000000",
    "\u202e",
    "\u2028",
    "𝄞",
    "\x7f",
    "12.5",
    "-0",
    "01",
)


def a_member_changed(draw: random.Random, entries: list[bytes], people: Mapping[str, PrivateKey]) -> str:
    """A statement with one member another, missing or more, signed again by everybody who had signed it."""
    at = draw.choice([i for i, entry in enumerate(entries) if _signers(entry, people)])
    envelope_bytes, recorded_at = unframe(entries[at])
    statement = json.loads(dsse.parse(envelope_bytes).body)
    path = draw.choice([p for p in paths_of(statement) if p])
    holder = _at(statement, path[:-1])
    match draw.randrange(5):
        case 0 if isinstance(holder, dict):
            changed, how = with_at(statement, path[:-1], {k: v for k, v in holder.items() if k != path[-1]}), "gone"
        case 1 if isinstance(holder, dict):
            new = draw.choice(("more", "late", "override", "__proto__", "é"))
            changed, how = with_at(statement, (*path[:-1], new), draw.choice(WRONG)), f"more: {new}"
        case 2:
            others = [json.loads(dsse.parse(unframe(e)[0]).body) for e in draw.sample(entries, 3)]
            found = [_at(o, path) for o in others]
            changed, how = with_at(statement, path, draw.choice(found)), "of another"
        case _:
            wrong = draw.choice(WRONG)
            changed, how = with_at(statement, path, wrong), repr(wrong)[:40]
    try:
        body = canonical.encode(changed)
    except RongjianError:
        body = json.dumps(changed, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()
    envelope = dsse.sign(body, *_signers(entries[at], people))
    entries[at] = frame(envelope.to_bytes(), recorded_at)
    return f"entry {at + 1} /{'/'.join(map(str, path))} {how}"


def _signers(entry: bytes, people: Mapping[str, PrivateKey]) -> list[PrivateKey]:
    """The private keys of all who signed an entry; none where one of them is not at hand."""
    keyids = [s.keyid for s in dsse.parse(unframe(entry)[0]).signatures]
    return [people[k] for k in keyids] if all(k in people for k in keyids) else []


def _at(value: Any, path: Sequence[Any]) -> Any:
    for step in path:
        if (isinstance(value, dict) and step in value) or (
            isinstance(value, list) and isinstance(step, int) and step < len(value)
        ):
            value = value[step]
        else:
            return None
    return value


#: Of the bytes of a folder: how often, and which files.
_OF_BYTES: tuple[tuple[Callable[[random.Random, Path, str], str], str], ...] = (
    (a_file_changed, "tile/entries"),
    (a_file_changed, "tile/"),
    (a_file_changed, "index"),
    (a_file_changed, "documents"),
    (a_file_changed, "checkpoint"),
    (a_line_of_the_head_changed, ""),
)


def spoil(seed: int, whole: Whole, folder: Path) -> str:
    """Write a log spoilt by chance into a folder; returns what was done. Two of five with the bytes as they are, the
    rest signed again.
    """
    draw = random.Random(seed)
    kind = draw.choice(("bytes", "bytes", "frame", "frame", "people"))
    if kind == "people":
        return spoil_signed(seed, whole, folder)
    if kind == "bytes":
        shutil.copytree(whole.folder, folder)
        change, under = draw.choice(_OF_BYTES)
        return change(draw, folder, under)
    entries = whole.entries
    said = a_frame_changed(draw, entries)
    write_log(folder, whole.origin, entries, whole.signer, whole.documents)
    return said


def spoil_signed(seed: int, whole: Whole, folder: Path) -> str:
    """The same, by somebody who has every key: a statement changed and signed again by its signers, the log by its
    owner.
    """
    draw, entries = random.Random(seed), whole.entries
    said = a_member_changed(draw, entries, whole.people)
    write_log(folder, whole.origin, entries, whole.signer, whole.documents)
    return said


def vkey_of(origin: str, key: Ed25519Signer) -> str:
    """The vkey text of a log's Ed25519 key."""
    return str(VerifierKey(origin, key.public_key().public_bytes_raw()))
