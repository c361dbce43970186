"""Which answers count: to a release that waits, and to a request to take one back."""
