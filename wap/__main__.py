"""`python -m wap` is `wap`."""

from wap.cli import app

app()
