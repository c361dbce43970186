"""Pictures of a report's columns, drawn in a process of their own."""
