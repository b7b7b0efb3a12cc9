"""The read side: disposable answers, derived from events by published rules."""
