"""Vectors of a log as a folder: keys of its head, its index, its documents, the log of its index heads."""

from __future__ import annotations

from dataclasses import replace

from ledger.tlog.checkpoint import Checkpoint
from ledger.tlog.merkle import leaf_hash, root_of
from ledger.tlog.note import sign
from ledger.tlog.tag_index import IndexHead
from ledger.tlog.tiles import bundle
from tests.spec.folders import index_log_files, index_note
from tests.spec.sm2_lines import SM2Line
from tests.spec.small_log import LOG_KEY, ORIGIN, OTHER_LOG_KEY, OTHER_VKEY, PACK, PACK_HASH, VKEY, begun
from tests.spec.vector import Case, Vector, log_after
from tests.spec.vectors_of_statements import with_members


def vectors_of_files() -> list[Vector]:
    entries = log_after(with_members()).entries
    head = Checkpoint(ORIGIN, len(entries), root_of([leaf_hash(e) for e in entries]))
    by_one, by_other = head.signed(LOG_KEY), sign(head.text, ORIGIN, OTHER_LOG_KEY)
    wrong = sign(head.text.replace(f"\n{head.size}\n", "\n1\n"), ORIGIN, OTHER_LOG_KEY).partition("\n\n")[2]
    extended = replace(head, extensions=("x",)).signed(LOG_KEY)
    index, document, two = f"index/{len(entries)}", f"documents/{PACK_HASH}", (VKEY, OTHER_VKEY)
    names = begun().entries.__len__()

    def files(name: str, rule: str, good: Case, spoilt: Case) -> Vector:
        return Vector(name, rule, good, spoilt)

    def case(finds: list[tuple[int, str]], vkeys: tuple[str, ...] = (VKEY,), **changed: bytes | None) -> Case:
        return Case(
            entries,
            finds,
            {{"checkpoint": "checkpoint", "index": index, "document": document}[n]: c for n, c in changed.items()},
            vkeys,
        )

    sm2, three = SM2Line(ORIGIN, "the log, by SM2"), (VKEY, str(SM2Line(ORIGIN, "the log, by SM2").key))
    return [
        files(
            "sm2",
            "An SM2 line of a listed key is verified.",
            case([], three, checkpoint=(by_one + sm2.under(head.text)).encode()),
            case([(0, "log")], three, checkpoint=(by_one + sm2.under(head.text + "x")).encode()),
        ),
        files(
            "sm2 alone",
            "An SM2 line of a listed key is one of the log; of a key that is not listed it is none.",
            case([], three, checkpoint=(head.text + "\n" + sm2.under(head.text)).encode()),
            case([(0, "log")], checkpoint=(head.text + "\n" + sm2.under(head.text)).encode()),
        ),
        files("index", "A folder holds the tag index of its size.", case([]), case([(0, index)], index=None)),
        files(
            "document",
            "A folder holds the documents that pack_hash names.",
            case([]),
            case([(names, document)], document=None),
        ),
        files("document bytes", "A document has its hash.", case([]), case([(names, document)], document=PACK + b"#")),
        files(
            "one key",
            "One listed key of the log is enough; a line of a listed key that is not good spoils the note.",
            case([], two, checkpoint=by_one.encode()),
            case([(0, "log")], two, checkpoint=(by_one + wrong).encode()),
        ),
        files(
            "no key",
            "A line of a key that is not listed is passed over, and proves nothing.",
            case([], checkpoint=(by_one + wrong).encode()),
            case([(0, "log")], checkpoint=by_other.encode()),
        ),
        files(
            "extensions",
            "A head of a log of ours has no extension lines, signed or not.",
            case([]),
            case([(0, "checkpoint")], checkpoint=extended.encode()),
        ),
        files(
            "twice",
            "A key that signs a note twice spoils it.",
            case([], two, checkpoint=(by_one + by_other.partition("\n\n")[2]).encode()),
            case([(0, "log")], checkpoint=(by_one + by_one.partition("\n\n")[2]).encode()),
        ),
    ]


def vectors_of_index_logs() -> list[Vector]:
    """The log of index heads beside a log: heads of two sizes, the second that of the log itself."""
    entries = log_after(with_members()).entries
    size = len(entries)
    early, late = (index_note(ORIGIN, entries[:n], LOG_KEY) for n in (2, size))
    other = sign(IndexHead(ORIGIN, 2, 5, bytes(32)).text, ORIGIN, LOG_KEY).encode()
    strange = index_note(ORIGIN, entries[:2], OTHER_LOG_KEY)
    last = sign(IndexHead(ORIGIN, size, 5, bytes(32)).text, ORIGIN, LOG_KEY).encode()
    good = index_log_files(ORIGIN, [early, late], LOG_KEY)
    head = good["index-log/checkpoint"]

    def index_log(name: str, rule: str, finds: list[tuple[int, str]], files: dict[str, bytes]) -> Vector:
        return Vector(name, rule, Case(entries, [], good), Case(entries, finds, files))

    wrong = [(0, "index-log")]
    return [
        index_log(
            "index head",
            "Each index head that is logged is that of the entries up to its size.",
            [(2, "index-log")],
            index_log_files(ORIGIN, [other, late], LOG_KEY),
        ),
        index_log(
            "index head served",
            "index/<size> is the index head that is logged of this size.",
            [(size, "index-log"), (0, f"index/{size}")],
            index_log_files(ORIGIN, [early, last], LOG_KEY),
        ),
        index_log(
            "two index heads",
            "No two index heads of one size are logged with two roots.",
            wrong,
            index_log_files(ORIGIN, [early, other, late], LOG_KEY),
        ),
        index_log(
            "a strange index head",
            "Each entry of the log of index heads is signed by the log.",
            wrong,
            index_log_files(ORIGIN, [strange, late], LOG_KEY),
        ),
        index_log(
            "head of index heads",
            "The head of the log of index heads is signed by a key of the log under the name <origin>/index.",
            wrong,
            good
            | {"index-log/checkpoint": index_log_files(ORIGIN, [early, late], OTHER_LOG_KEY)["index-log/checkpoint"]},
        ),
        index_log(
            "name of index heads",
            "The log of index heads has the origin <origin>/index.",
            wrong,
            good | {"index-log/checkpoint": head.replace(f"{ORIGIN}/index".encode(), ORIGIN.encode())},
        ),
        index_log(
            "entries of index heads",
            "The index heads lead to the head over them.",
            wrong,
            good | {"index-log/tile/entries/000.p/2": bundle([late, early])},
        ),
        index_log(
            "tiles of index heads",
            "Each hash tile of the log of index heads holds the hashes of its entries.",
            [(0, "index-log/tile/0/000.p/2")],
            good | {"index-log/tile/0/000.p/2": bytes(64)},
        ),
    ]
