"""Scenarios: readable files of actors, acts and expectations, played through real admission."""
