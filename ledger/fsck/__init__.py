"""fsck: recompute everything from the stored bytes and name every place that does not fit.

``entries`` checks entries one after the other, ``tiles`` a log as static files, ``database`` what PostgreSQL keeps beside
the bytes; ``pool`` spreads the work over the machine's cores. Nothing is written.
"""
