"""The log itself: checkpoint and tiles on the paths of c2sp.org/tlog-tiles, entries and proofs."""

from __future__ import annotations

import base64

from fastapi import APIRouter, Request, Response

from api.sentences import sentence, term
from api.v1.asking import Log, respond, tag
from ledger.clock import format_instant
from ledger.errors import NotFoundError, PermissionRefusedError
from ledger.identifiers import parse_digest
from ledger.tlog.tiles import parse_path
from projections.public_entries import is_public

router = APIRouter(tags=[tag(term("tag", "log"))])

_IMMUTABLE = {"Cache-Control": "public, max-age=31536000, immutable"}


@router.get("/logs/{log}/checkpoint")
def checkpoint(log: Log) -> Response:
    """签名的树头。The signed tree head."""
    return Response(
        log.ledger.evidence.checkpoint(), media_type="text/plain; charset=utf-8", headers={"Cache-Control": "no-cache"}
    )


@router.get("/logs/{log}/vkey")
def verifier_key(log: Log) -> Response:
    """验证密钥。The verifier key of the log's checkpoints."""
    return Response(f"{log.ledger.evidence.verifier_key}\n", media_type="text/plain; charset=utf-8")


@router.get("/logs/{log}/policy")
def policy(log: Log) -> Response:
    """信任策略的起点：本账本的密钥；不要求见证。A trust policy to start from: this log's keys, and no witness asked for.

    This host alone vouches for it: take the keys from another source, and add witnesses, to rely on more.
    """
    return Response(log.ledger.heads.own_policy(), media_type="text/plain; charset=utf-8")


@router.get("/logs/{log}/witnesses")
def witnesses(log: Log) -> Response:
    """本账本所请见证人的验证密钥，一行一个。Verifier keys of the witnesses that this log asks, a line each."""
    return Response(log.ledger.heads.witness_keys(), media_type="text/plain; charset=utf-8")


@router.get("/logs/{log}/timestamp/{size}/{authority}.tsr")
def time_stamp(log: Log, size: int, authority: str) -> Response:
    """某一检查点的 RFC 3161 时间戳。The RFC 3161 response of an authority over the checkpoint of a size."""
    for token in log.ledger.outside.rows.timestamps(size):
        if token.authority == authority:
            return Response(token.response, media_type="application/timestamp-reply", headers=_IMMUTABLE)
    raise NotFoundError(
        "no_timestamp",
        sentence(
            "no time-stamp of size {size} by “{authority}”",
            size=size,
            authority=authority[:60],
        ),
    )


@router.get("/logs/{log}/documents/{sha256}")
def document(log: Log, sha256: str) -> Response:
    """按哈希取回文件，供镜像使用。A document by its hash, where a mirror looks for it."""
    media_type, content = log.ledger.documents.read(parse_digest(sha256))
    # Somebody else wrote it: a browser shows it, and lets it do nothing in our name.
    headers = _IMMUTABLE | {"Content-Security-Policy": "sandbox; default-src 'none'"}
    return Response(content, media_type=media_type, headers=headers)


@router.get("/logs/{log}/tile/{path:path}")
def tile(log: Log, path: str) -> Response:
    """哈希瓦片与条目包。Hash tiles and entry bundles."""
    content = log.ledger.evidence.tile(parse_path(f"tile/{path}"))
    return Response(content, media_type="application/octet-stream", headers=_IMMUTABLE)


@router.get("/logs/{log}/index/{size}")
def tag_index(log: Log, size: int) -> Response:
    """标签索引的签名根。The signed root of the tag index of a size."""
    return Response(log.ledger.evidence.index_note(size), media_type="text/plain; charset=utf-8", headers=_IMMUTABLE)


@router.get("/logs/{log}/index-log/checkpoint")
def index_checkpoint(log: Log) -> Response:
    """索引之账的树头。The signed head of the log whose entries are the index heads."""
    return Response(
        log.ledger.index_log.published(),
        media_type="text/plain; charset=utf-8",
        headers={"Cache-Control": "no-cache"},
    )


@router.get("/logs/{log}/index-log/vkey")
def index_verifier_key(log: Log) -> Response:
    """索引之账的验证密钥：本账本的密钥，另名。Its verifier key: the log's own key under another name."""
    return Response(f"{log.ledger.index_log.signer.verifier_key}\n", media_type="text/plain; charset=utf-8")


@router.get("/logs/{log}/index-log/tile/{path:path}")
def index_tile(log: Log, path: str) -> Response:
    """索引之账的瓦片与条目包。Hash tiles and entry bundles of that log."""
    content = log.ledger.index_log.tile(parse_path(f"tile/{path}"))
    return Response(content, media_type="application/octet-stream", headers=_IMMUTABLE)


@router.get("/logs/{log}/entry/{position}.tlog-proof")
def proof_file(log: Log, position: int) -> Response:
    """可携带的包含证明（c2sp.org/tlog-proof）。The portable inclusion proof of an entry under the current head."""
    return Response(
        log.ledger.evidence.proof(position).to_bytes(),
        media_type="text/plain; charset=utf-8",
        headers={"Cache-Control": "no-cache"},
    )


@router.get("/logs/{log}/entry/{position}")
def entry(log: Log, request: Request, position: int) -> Response:
    """某一位置的条目，原样字节。The exact bytes of an entry; without the reader token, if its type and phase are public."""
    row = log.ledger.entry(position)
    if not request.state.reader_known and not is_public(log.ledger, log.ledger.event(row.id), log.ledger.size()):
        raise PermissionRefusedError(
            "reader_unknown",
            sentence("this entry is not public; reading it needs the reader token"),
        )
    headers = {"X-Leaf-Hash": row.leaf_hash.hex(), "X-Recorded-At": format_instant(row.recorded_at)}
    return Response(row.entry, media_type="application/json; charset=utf-8", headers=_IMMUTABLE | headers)


@router.get("/logs/{log}/proof/inclusion")
def inclusion(log: Log, request: Request, position: int, size: int | None = None) -> Response:
    """包含证明。Inclusion proof of a position (leaf index + 1) in the tree of a size."""
    row = log.ledger.entry(position)
    tree = size if size is not None else log.ledger.log.head().size
    proof = [_b64(h) for h in log.ledger.evidence.inclusion(position, tree)]
    value: dict[str, object] = {
        "leaf_index": position - 1,
        "tree_size": tree,
        "leaf_hash": _b64(row.leaf_hash),
        "proof": proof,
    }
    return respond(request, value)


@router.get("/logs/{log}/proof/consistency")
def consistency(log: Log, request: Request, old: int, new: int) -> Response:
    """一致性证明。Consistency proof between two sizes."""
    return respond(
        request, {"old": old, "new": new, "proof": [_b64(h) for h in log.ledger.evidence.consistency(old, new)]}
    )


@router.get("/logs/{log}/proof/subtree")
def subtree(log: Log, request: Request, start: int, end: int, size: int) -> Response:
    """子树证明：叶 [start, end) 是该大小的树的一部分。That leaves [start, end) are part of the tree of a size."""
    node, proof = log.ledger.evidence.subtree(start, end, size)
    value = {"start": start, "end": end, "tree_size": size, "hash": _b64(node), "proof": [_b64(h) for h in proof]}
    return respond(request, value)


def _b64(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")
