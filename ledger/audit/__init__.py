"""Entries examined one after the other, wherever they come from: a database, files, a package.

``entries`` says what an entry shows by itself and what it needs of earlier ones; ``notes`` what would not be admitted
today; ``pool`` spreads the work over the machine's cores.
"""
