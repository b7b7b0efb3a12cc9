"""The inspector's desk: every view of an inspection as a page with an address, over the inquiries that are there."""
