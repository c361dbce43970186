"""The page of `wap diff` as an SVG: text that stays sharp, in any size."""

from io import StringIO
from pathlib import Path

from rich.console import Console
from rich.terminal_theme import MONOKAI

from wap.diff.asked import Asked
from wap.diff.comparing import compare_in_file
from wap.diff.screen import page

_WIDTH = 88


def draw_diff(database: Path, out: Path) -> None:
    """Compare a table of the demo's warehouse and write what the terminal shows."""
    asked = Asked(
        production="dwh.order_items",
        staging="develop_dwh.order_items",
        database=database,
        key="order_id,line_no",
        samples=2,
    )
    console = Console(record=True, width=_WIDTH, file=StringIO(), force_terminal=True, color_system="truecolor")
    console.print(
        "$ wap diff --production dwh.order_items --staging develop_dwh.order_items \\\n"
        "           --database shop.duckdb --key order_id,line_no --samples 2\n",
        highlight=False,
    )
    for part in page(compare_in_file(asked), width=_WIDTH):
        console.print(part, highlight=False, markup=False)
    svg = console.export_svg(title="wap diff", theme=MONOKAI, code_format=_FORMAT)
    out.write_text("\n".join(line.rstrip() for line in svg.splitlines()) + "\n", encoding="utf-8")


# Rich's own frame without its web fonts: a picture in a README should ask no other host for anything.
_FORMAT = """\
<svg class="rich-terminal" viewBox="-12 -4 {width} {terminal_height}" xmlns="http://www.w3.org/2000/svg">
<style>
.{unique_id}-matrix {{ font-family: ui-monospace, "DejaVu Sans Mono", Menlo, Consolas, monospace;
  font-size: {char_height}px; line-height: {line_height}px; }}
{styles}
</style>
<defs>{lines}</defs>
<rect x="-12" y="-4" width="100%" height="100%" rx="8" fill="#1e1e1e"/>
<g transform="translate({terminal_x}, {terminal_y})">
{backgrounds}
<g class="{unique_id}-matrix">
{matrix}
</g>
</g>
</svg>
"""
