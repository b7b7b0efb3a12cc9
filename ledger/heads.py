"""The signed heads of one log: what may be signed, what is stored before it leaves, what the world may see.

The internal head is whatever is committed; every receipt shows it, signed. The published head is the newest one that
the log's own witnesses have cosigned to their quorum; where no quorum is asked for the two are one. Two heads of one
size are never signed, and nothing is signed once a witness has seen more of this log than there is (a restored
backup): whoever signed on would show the world two histories.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime

from psycopg import Connection, sql

from ledger.clock import Clock
from ledger.continuity import Continuity, rolled_back
from ledger.derivation.losses import LostRange
from ledger.errors import EvidenceError, NotFoundError, SigningStoppedError
from ledger.log_signer import LogSigner
from ledger.store.database import Database, Row, server_of
from ledger.store.records import Head
from ledger.stored_log import StoredLog
from ledger.tlog.checkpoint import Checkpoint
from ledger.tlog.cosignature import Ed25519Cosigner
from ledger.tlog.note import NoteKey, verified
from ledger.tlog.policy import Policy
from ledger.tlog.tag_index import IndexHead

#: Heads that are looked at, newest first, for one that the quorum has cosigned.
_NEWEST = 50


class Heads:
    """Signs, keeps and publishes the heads of one log. ``policy`` names its witnesses; None asks for none."""

    def __init__(
        self, database: Database, log: StoredLog, signer: LogSigner, clock: Clock, policy: Policy | None
    ) -> None:
        self.signer = signer
        self.policy = policy
        #: Compares with the newest head beside the log's key; None where nobody keeps one.
        self.continuity: Continuity | None = None
        self._database = database
        self._log = log
        self._clock = clock
        self._stopped: SigningStoppedError | None = None
        #: The last note that was signed here or verified.
        self._given = ""

    def stop(self, reason: EvidenceError) -> None:
        """From now on nothing is signed; SigningStoppedError says ``reason`` instead. The first reason stays."""
        self._stopped = self._stopped or SigningStoppedError(reason.code, reason.en, reason.zh, **reason.details)

    def own_policy(self) -> str:
        """A trust policy to start from: this log's keys, and no witness asked for (c2sp.org/tlog-policy)."""
        return "".join([*(f"log {key}\n" for key in self.signer.keys), "quorum none\n"])

    def witness_keys(self) -> str:
        """Verifier keys of the witnesses that this log asks, those with Ed25519 cosignatures, a line each."""
        witnesses = self.policy.witnesses.values() if self.policy else ()
        return "".join(f"{key}\n" for key in witnesses if isinstance(key, Ed25519Cosigner))

    def check_signing(self, *, declaring_loss: bool = False) -> None:
        """Raises SigningStoppedError where nothing may be signed any more; what was lost does not stand in the way of declaring it."""
        if self._stopped is not None:
            raise self._stopped
        if self.continuity is not None and not declaring_loss:
            self.continuity.check()

    def lost(self) -> LostRange | None:
        """What was signed here and the database does not have, as long as nobody has declared it."""
        return self.continuity.lost() if self.continuity is not None else None

    def permit(self, connection: Connection[Row]) -> SigningStoppedError | None:
        """Why nothing may be recorded now but a declaration of what was lost; None where everything may.

        Raises EvidenceError where another server or another history answers.
        """
        if self.continuity is None:
            return None
        self.continuity.seen_in(server_of(connection))
        lost = self.continuity.lost()
        return rolled_back(lost, self.continuity.log) if lost is not None else None

    def sign(self, head: Head) -> str:
        """The signed note of a committed head; the newest beside the key and stored before it is returned, one per size."""
        self.check_signing()
        if self.continuity is not None:
            self.continuity.keep(head)
        told = Checkpoint(self.signer.origin, head.size, head.frontier.root())
        return self._once("checkpoint", told, lambda: self.signer.sign(told, int(self._clock().timestamp())))

    def check_last(self) -> None:
        """Before anything is signed: the last signed head must follow from the stored hashes."""
        with self._database.connection() as connection:
            row = connection.execute("SELECT size, root FROM checkpoint ORDER BY size DESC LIMIT 1").fetchone()
        if row is None or row[0] == 0:
            return
        if self._log.head().size < row[0] or self._log.proved(lambda of: of(0, row[0])) != bytes(row[1]):
            raise EvidenceError(
                "last_head_wrong",
                f"the stored log does not lead to its last published head (size {row[0]}); run rongjian verify",
                f"存储的账本与最后发布的检查点（大小 {row[0]}）不符；请运行 rongjian verify",
            )

    def keep(self, head: Checkpoint, signed: bytes) -> None:
        """Keep a head that was signed before the log was lost, so that no other of its size is ever signed.

        The log's own lines are its note; lines of the policy's witnesses are kept where cosignatures are.
        """
        witnesses = list(self.policy.witnesses.values()) if self.policy is not None else []
        text, lines = verified(signed, [*self.signer.all_keys, *witnesses])
        own = "".join(key.line(signature) for key, signature in lines if key in self.signer.all_keys)
        with self._database.transaction() as connection:
            connection.execute(
                "INSERT INTO checkpoint VALUES (%s, %s, %s) ON CONFLICT (size) DO NOTHING",
                (head.size, head.root, f"{text}\n{own}"),
            )
        self.add_cosignatures(head.size, [(key, signature) for key, signature in lines if key in witnesses])

    def sign_index(self, head: IndexHead) -> str:
        """The signed tag index of a size; stored before it is returned, one per size."""
        self.check_signing()
        return self._once("tag_index", head, lambda: self.signer.sign_index(head))

    def _once(self, table: str, head: Checkpoint | IndexHead, sign: Callable[[], str]) -> str:
        """The note of a size from its table, signed and stored first if there is none: never two roots of one size."""
        known = sql.SQL("SELECT root, note FROM {} WHERE size = %s").format(sql.Identifier(table))
        with self._database.connection() as connection:
            row = connection.execute(known, (head.size,)).fetchone()
        if row is None:
            self._database.check_confirmed()
            # In a transaction: its commit has a deadline, and says whether a standby has it.
            with self._database.transaction() as connection:
                add = sql.SQL("INSERT INTO {} VALUES (%s, %s, %s) ON CONFLICT (size) DO NOTHING RETURNING root, note")
                added = connection.execute(add.format(sql.Identifier(table)), (head.size, head.root, sign())).fetchone()
                row = added or connection.execute(known, (head.size,)).fetchone()
        if row is None:
            raise EvidenceError(
                "head_altered",
                f"the head of size {head.size} was stored and is not there; run rongjian verify",
                f"所存大小为 {head.size} 的检查点不见了；请运行 rongjian verify",
            )
        if bytes(row[0]) != head.root:
            raise EvidenceError(
                "two_heads",
                f"a {table} of size {head.size} with another root was signed before; nothing more is signed. Run rongjian verify",
                f"大小为 {head.size} 的{'检查点' if table == 'checkpoint' else '标签索引'}曾以不同的根签署；已停止签署，请运行 rongjian verify",
            )
        return self._own(head, str(row[1]))

    def _own(self, head: Checkpoint | IndexHead, note: str) -> str:
        """A stored note, once it is seen to be of this head and to bear the log's signature. Raises EvidenceError."""
        if self._given != note:
            text, _ = verified(note.encode(), self.signer.all_keys)
            if text != head.text:
                raise EvidenceError(
                    "head_altered",
                    f"the note stored for size {head.size} is not the one that was signed; run rongjian verify",
                    f"所存大小为 {head.size} 的检查点已被改动；请运行 rongjian verify",
                )
            self._given = note
        return note

    def add_cosignatures(self, size: int, lines: Iterable[tuple[NoteKey, bytes]]) -> None:
        """Keep verified cosignatures of the head of a size; the first of a key stays."""
        with self._database.transaction() as connection:
            for key, signature in lines:
                connection.execute(
                    "INSERT INTO cosignature VALUES (%s, %s, %s, %s) ON CONFLICT DO NOTHING",
                    (size, str(key), key.line(signature), self._clock()),
                )

    def add_timestamp(self, size: int, authority: str, response: bytes, at: datetime) -> None:
        """Keep a verified RFC 3161 response over the head of a size; the first of an authority stays."""
        with self._database.transaction() as connection:
            connection.execute(
                "INSERT INTO timestamp_token VALUES (%s, %s, %s, %s) ON CONFLICT DO NOTHING",
                (size, authority, response, at),
            )

    def cosigned(self, size: int) -> str:
        """The stored note of a size with every cosignature heard of it."""
        with self._database.connection() as connection:
            row = connection.execute("SELECT note FROM checkpoint WHERE size = %s", (size,)).fetchone()
            lines = connection.execute("SELECT line FROM cosignature WHERE size = %s ORDER BY key", (size,)).fetchall()
        if row is None:
            raise NotFoundError("no_head", f"no head of size {size} was signed", f"没有大小为 {size} 的检查点")
        return str(row[0]) + "".join(str(line) for (line,) in lines)

    def published(self) -> tuple[int, str]:
        """Size and note of the head that the world may see.

        Raises NotFoundError while the witnesses' quorum has not cosigned any. A quorum of none waits for nobody: the newest
        head, with the cosignatures that there are.
        """
        if self.policy is None or not self.policy.waits:
            head = self._log.head()
            note = self.sign(head)
            return head.size, note if self.policy is None else self.cosigned(head.size)
        with self._database.connection() as connection:
            rows = connection.execute(
                "SELECT DISTINCT size FROM cosignature JOIN checkpoint USING (size) ORDER BY size DESC LIMIT %s",
                (_NEWEST,),
            ).fetchall()
        for (size,) in rows:
            note = self.cosigned(int(size))
            if self.policy.accepts(note.encode()):
                return int(size), note
        raise NotFoundError(
            "not_published",
            "no head has been cosigned by the witnesses' quorum yet; try again in a moment",
            "尚无达到见证法定数的检查点；请稍后再试",
        )
