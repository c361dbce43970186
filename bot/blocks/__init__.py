"""Pure: values -> Block Kit."""
