"""Pure derivations that both admission and the read side rest on: live events, law in force, standing, money."""
