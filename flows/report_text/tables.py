"""Rows as a Markdown table, by pandas and tabulate."""

from collections.abc import Sequence


def markdown_table(headers: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """The rows under their headers; a header that begins with > is of numbers, and loses that sign."""
    import pandas as pd  # half a second, and not everybody who needs this package's words writes tables

    align = ["right" if header.startswith(">") else "left" for header in headers]
    # By place, not by name: two names that are cut may look alike.
    frame = pd.DataFrame([list(row) for row in rows])
    frame.columns = [header.removeprefix(">") for header in headers]
    # disable_numparse: a key such as 007 or 1e5 is text and stays as it is.
    return str(frame.to_markdown(index=False, disable_numparse=True, colalign=align))
