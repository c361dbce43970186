"""Pure: every sentence a person reads, on the card, in an answer, at the start."""
