"""The card of a run: its state, its posting, and the loop that keeps it true."""
