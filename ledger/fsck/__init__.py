"""fsck: recompute everything from the stored bytes and name every place that does not fit.

``tiles`` checks a log as static files, ``database`` what PostgreSQL keeps: ``rows`` reads it without believing it,
``openings``, ``published`` and ``beside`` hold it against the entries, which :mod:`ledger.audit` examines. ``law``
replays admission over entries in memory (``recorded``). Nothing is written.
"""
