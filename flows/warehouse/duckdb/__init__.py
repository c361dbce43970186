"""The warehouse in one DuckDB file."""
