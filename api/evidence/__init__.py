"""Evidence packages: a subject, its entries, proofs, packs, keys and answers in one file that anyone can check
offline.
"""
