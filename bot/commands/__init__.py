"""What /wap does."""
