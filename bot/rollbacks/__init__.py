"""Taking the newest release back, and telling how it ended."""
