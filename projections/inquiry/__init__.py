"""What inspectors ask across subjects: queues, narratives, differences, hypotheses, persons, scores, money.

Each is a function of a source of events at one (D, K); nothing here is stored.
"""
