"""What happens in a card's thread: diffs, files, questions, and the discussion."""
