"""How pages are written: addresses, values in words, and what a page consists of, drawn by templates."""
