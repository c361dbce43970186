"""Deciding about a run: who may, what is recorded, and the votes of several."""
