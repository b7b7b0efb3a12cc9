"""Red flags: what was out of order in an edition, each a pure function of (events up to K, packs, calendar, D).

A flag never refuses and never changes a fact. It says raised, disputed, clear, undetermined or not applicable, and
names the events, the articles and the thresholds. RF01 to RF40 are the vocabulary's; from RF41 on, further checks.
"""
