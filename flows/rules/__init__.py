"""What is said of a difference, beyond its figures: by the rules of wap.toml, and by itself."""
