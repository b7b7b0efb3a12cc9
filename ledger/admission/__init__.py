"""What may be recorded: structure first, then guards; both decide on what the log itself says."""
