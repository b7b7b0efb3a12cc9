"""fsck: recompute everything from the stored bytes and name every place that does not fit.

``entries`` checks entries one after the other, ``tiles`` a log as static files, ``database`` what PostgreSQL keeps: ``rows``
reads it without believing it, ``openings``, ``published`` and ``beside`` hold it against the entries. ``law`` replays admission over
entries in memory (``recorded``); ``pool`` spreads the work over the machine's cores. Nothing is written.
"""
