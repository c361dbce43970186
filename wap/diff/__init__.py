"""`wap diff`: what two tables do not have in common, on the screen or as JSON."""
