"""HTTP under /v1: additive only; log paths follow c2sp.org and are not versioned by us."""
