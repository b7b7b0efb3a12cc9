"""A witness of ours (c2sp.org/tlog-witness): what it keeps, its HTTP service, its commands."""
