"""The Home tab: what is going on, over all runs."""
