"""The one tree of errors, grouped by who is at fault.

    RongjianError
      RefusedError          the caller: what was sent is not acceptable
        MalformedError        bytes, fields or values break the format
        TooLargeError         a named limit is exceeded
        SignatureRefusedError a signature, a key or the lack of one
        PermissionRefusedError no such role, matrix cell or separation of duties
        UnknownCallerError    what is shown in proof of who calls is nobody's
        MisdirectedError      the request is for a name that is not ours
        GuardRefusedError     a rule of the regulation refuses the act
        NotFoundError         no such log, event, subject, pack
      ConflictError         the moment: true a moment ago, no longer
        AppendConflictError   the consistency boundary moved
        IdentifierReusedError the id was used with other bytes
        AlreadyOpenedError    the statement has opened its fields once
      EvidenceError         the evidence: bytes, hashes or proofs do not fit together
        SpoiltError         what is stored here is not what was recorded or kept; the caller is not at fault
          SigningStoppedError the world has seen another history of this log: nothing more is signed
      UnavailableError      the environment: database, key-encryption key, disk
        UnknownOutcomeError   a commit that may last or not; nobody is told that it does
        NotInstalledError   what was asked needs the whole service, and the verifier alone is installed

Every error has a stable ``code`` (the HTTP problem type and the CLI's ``--json`` use it), a sentence in Chinese and one
in English that say what is wrong and what to do, and ``details`` with the data. Where the refusal passes by itself,
``details`` holds ``retry_after``: whole seconds after which the same may be tried again, one at least. The domain knows
no HTTP; ``api/problems.py`` maps.
"""

from __future__ import annotations

from collections.abc import Mapping

from ledger.sentences import Pair, Sentence, sentence

_HOUR, _MINUTE = 3600, 60


class RongjianError(Exception):
    """Base of all errors that a user may see."""

    def __init__(self, code: str, told: Pair, /, **details: object) -> None:
        """``told`` is what people read: a sentence, or what is said in Chinese and in English."""
        self.zh, self.en = told
        super().__init__(self.en)
        self.code = code
        self.told = told
        self.details: Mapping[str, object] = details

    @property
    def retry_after(self) -> int | None:
        """Seconds after which the same may be tried again; None where waiting alone does not help."""
        seconds = self.details.get("retry_after")
        return seconds if isinstance(seconds, int) else None


def try_again(error: RongjianError) -> Sentence | None:
    """When to try again, in words, rounded up to minutes or hours where it is long."""
    seconds = error.retry_after
    if seconds is None:
        return None
    if seconds >= 2 * _HOUR:
        return sentence("Try again in {n} hours.", n=-(-seconds // _HOUR))
    if seconds >= 2 * _MINUTE:
        return sentence("Try again in {n} minutes.", n=-(-seconds // _MINUTE))
    return sentence("Try again in {n} seconds.", n=seconds) if seconds > 1 else sentence("Try again in 1 second.")


class RefusedError(RongjianError):
    """The caller is at fault; nothing was stored."""


class MalformedError(RefusedError):
    """Bytes, fields or values break the published format."""


class TooLargeError(RefusedError):
    """A named limit is exceeded."""


class TooManyError(RefusedError):
    """The caller asks too often; later it will be answered."""


class SignatureRefusedError(RefusedError):
    """A signature is missing, does not verify, or its key is not usable at this moment."""


class PermissionRefusedError(RefusedError):
    """The signer does not hold the role, the matrix has no such cell, or duties are not separated."""


class UnknownCallerError(RefusedError):
    """What was shown in proof of who calls is not known here, or no longer."""


class MisdirectedError(RefusedError):
    """The request names a host that this service does not answer for."""


class GuardRefusedError(RefusedError):
    """A rule of the regulation refuses the act.

    ``details`` holds ``rule`` (id of the rule), ``article``, ``reading`` (interpretation id or None), ``remedy`` (what
    would make the act acceptable), ``refused_by`` (``text``, ``reading``, ``decision`` or ``ledger``), ``decided_by``
    (the entry by which somebody decided, where one stands against the act) and ``recourse`` (where to object, ``zh``
    and ``en``).
    """


class NotFoundError(RefusedError):
    """There is no such log, event, subject or pack."""


class ConflictError(RongjianError):
    """True a moment ago, no longer true; nothing was stored."""


class AppendConflictError(ConflictError):
    """Events that the decision rests on were recorded meanwhile; decide again."""


class IdentifierReusedError(ConflictError):
    """The statement id is already in the log with other bytes."""


class AlreadyOpenedError(ConflictError):
    """The statement has given its openings away before; what it opened is recorded, a new look needs a new
    statement.
    """


class EvidenceError(RongjianError):
    """Stored or offered evidence does not fit together; verification raises this, never returns a flag."""


class SpoiltError(EvidenceError):
    """What is stored here is not what was recorded or kept here; nobody who asks is at fault, and asking again does not
    help.
    """


class SigningStoppedError(SpoiltError):
    """Nothing may be signed any more, and so nothing recorded, until somebody has looked."""


class UnavailableError(RongjianError):
    """Something around us is missing: the database, the key-encryption key, disk space."""


class UnknownOutcomeError(UnavailableError):
    """A commit has not been confirmed in time: what it wrote may last or be lost, and no receipt is given for it until
    that is known.
    """


class NotInstalledError(UnavailableError):
    """What was asked needs a library of the service, and the verifier alone is installed here."""


def not_installed(library: str) -> NotInstalledError:
    """That a library is missing, and the one command that brings it with all others of the service."""
    return NotInstalledError(
        "not_installed",
        sentence(
            "this needs the service, and the verifier alone is installed here ({library} is missing): "
            "pip install 'rongjian[service]'",
            library=library,
        ),
        library=library,
    )


class InvariantError(RuntimeError):
    """What must hold of our own code does not: a fault of ours, which stops what was asked and nothing else."""
