"""Sample reports for documentation and for tests; the JSON files are made by `python -m docs.samples`."""
