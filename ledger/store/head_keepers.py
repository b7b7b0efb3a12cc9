"""Which homes sign a log: each keeps the newest head in a file of its own, named here."""

from __future__ import annotations

from ledger.errors import UnavailableError
from ledger.sentences import sentence
from ledger.store.database import Database


def register_keeper(database: Database, keeper: str, log: str, *, witnessed: bool) -> None:
    """Name a home's file of the newest head of ``log``, as commands know it. Raises UnavailableError where another home
    signs this log and no quorum of witnesses has to see each head (``witnessed``), or where another has taken over.

    Of two files that do not see each other neither notices that the other's head was rolled back.
    """
    with database.transaction() as connection:
        connection.execute("INSERT INTO head_keeper (keeper) VALUES (%s) ON CONFLICT DO NOTHING", (keeper,))
        rows = connection.execute("SELECT keeper, retired_at FROM head_keeper").fetchall()
    if any(name == keeper and retired is not None for name, retired in rows):
        raise taken_over(log)
    if not witnessed and sum(retired is None for _, retired in rows) > 1:
        raise UnavailableError(
            "two_machines",
            sentence(
                "another machine signs this log too, with a newest head of its own: let both share one folder of "
                "keys, let a witness cosign (witnesses.policy), or, if this machine alone goes on, say so (rongjian "
                "head keep {log})",
                log=log,
            ),
        )


def taken_over(log: str) -> UnavailableError:
    """The error where another home has taken over signing ``log`` since."""
    return UnavailableError(
        "head_retired",
        sentence(
            "another machine has taken over signing this log; serve it there, or take it back (rongjian head keep "
            "{log})",
            log=log,
        ),
    )


def signing_now(database: Database) -> tuple[set[str], set[str]]:
    """The names of the homes that sign this log, and of those whose signing has ended, as rows say."""
    with database.connection() as connection:
        rows = connection.execute("SELECT keeper, retired_at IS NULL FROM head_keeper").fetchall()
    return {str(k) for k, now in rows if now}, {str(k) for k, now in rows if not now}


def keep_alone(database: Database, keeper: str) -> int:
    """From now on this home alone signs; how many others that ends."""
    with database.transaction() as connection:
        connection.execute(
            "INSERT INTO head_keeper (keeper) VALUES (%s) ON CONFLICT (keeper) DO UPDATE SET retired_at = NULL",
            (keeper,),
        )
        return connection.execute(
            "UPDATE head_keeper SET retired_at = now() WHERE keeper <> %s AND retired_at IS NULL", (keeper,)
        ).rowcount
