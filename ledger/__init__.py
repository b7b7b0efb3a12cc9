"""The write side: what happened, and how that is proven."""
