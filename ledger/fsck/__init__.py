"""fsck: recompute everything from the stored bytes and name every place that does not fit.

``tiles`` checks a log as static files, ``database`` what PostgreSQL keeps beside the bytes; the entries themselves are
examined by :mod:`ledger.audit`. Nothing is written.
"""
