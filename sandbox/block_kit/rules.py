"""Rules that span several blocks: uniqueness, sums over a message, what belongs together."""

import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

from sandbox.block_kit import limits
from sandbox.block_kit.blocks import BY_SURFACE, Surface
from sandbox.block_kit.checks import Problems, array, tagged
from sandbox.block_kit.tables import characters

Json = dict[str, Any]

# A GitHub-flavoured table: a line of cells over a line of dashes.
_MARKDOWN_TABLE = re.compile(r"^\s*\|?.*\|.*\n\s*\|?\s*:?-+:?\s*(\|\s*:?-+:?\s*)*\|?\s*$", re.MULTILINE)


def check_blocks(blocks: Any, surface: Surface, *, at: str, problems: Problems) -> None:
    """Check a list of blocks for one surface; what is wrong is noted in `problems`."""
    maximum = limits.MESSAGE_BLOCKS if surface is Surface.MESSAGE else limits.VIEW_BLOCKS
    array(tagged(BY_SURFACE[surface]), minimum=0, maximum=maximum)(blocks, at, problems)
    if problems.messages:
        return
    _unique_block_ids(blocks, at, problems)
    _unique_action_ids(blocks, at, problems)
    _one_focus(blocks, at, problems)
    _file_inputs_in_modals(blocks, surface, at=at, problems=problems)
    _markdown_sum(blocks, at, problems)
    _table_sum(blocks, at, problems)


def nested(blocks: list[Json]) -> Iterator[tuple[Json, str]]:
    """Every block with its pointer, those inside containers and carousels too."""
    for index, block in enumerate(blocks):
        yield block, f"/{index}"
        for field in ("child_blocks", "elements") if block["type"] in {"container", "carousel"} else ():
            for inner, pointer in nested(block.get(field, [])):
                yield inner, f"/{index}/{field}{pointer}"


def elements_of(block: Json) -> list[Json]:
    """The interactive elements that stand directly in one block."""
    single = [block[name] for name in ("element", "accessory") if isinstance(block.get(name), dict)]
    # A carousel's elements are cards, which are visited as blocks of their own.
    several = block.get("elements", []) if block["type"] in {"actions", "context_actions"} else []
    return [*single, *several, *(block.get("actions", []) if block["type"] == "card" else [])]


def table_count(blocks: list[Json]) -> int:
    """How many tables a message shows; tables written inside markdown blocks count as well."""
    count = 0
    for block, _ in nested(blocks):
        if block["type"] in {"table", "data_table"}:
            count += 1
        elif block["type"] == "markdown":
            count += len(_MARKDOWN_TABLE.findall(block["text"]))
    return count


def _unique_block_ids(blocks: list[Json], at: str, problems: Problems) -> None:
    counts = Counter(block["block_id"] for block, _ in nested(blocks) if "block_id" in block)
    for block_id, count in counts.items():
        if count > 1:
            problems.add(at, f'block_id "{block_id}" already exists')


def _unique_action_ids(blocks: list[Json], at: str, problems: Problems) -> None:
    for block, pointer in nested(blocks):
        counts = Counter(element["action_id"] for element in elements_of(block) if "action_id" in element)
        for action_id, count in counts.items():
            if count > 1:
                problems.add(at + pointer, f'action_id "{action_id}" already exists')


def _one_focus(blocks: list[Json], at: str, problems: Problems) -> None:
    focused = [e for block, _ in nested(blocks) for e in elements_of(block) if e.get("focus_on_load")]
    if len(focused) > 1:
        problems.add(at, "only one element may have focus_on_load")


def _file_inputs_in_modals(blocks: list[Json], surface: Surface, *, at: str, problems: Problems) -> None:
    for block, pointer in nested(blocks):
        for element in elements_of(block):
            if element["type"] == "file_input" and surface is not Surface.MODAL:
                problems.add(f"{at}{pointer}/element/type", "unsupported type: file_input")


def _markdown_sum(blocks: list[Json], at: str, problems: Problems) -> None:
    total = sum(len(block["text"]) for block, _ in nested(blocks) if block["type"] == "markdown")
    if total > limits.MARKDOWN:
        problems.add(at, f"must be less than {limits.MARKDOWN + 1} characters in all markdown blocks")


def _table_sum(blocks: list[Json], at: str, problems: Problems) -> None:
    total = sum(characters(block) for block, _ in nested(blocks) if block["type"] in {"table", "data_table"})
    if total > limits.TABLE_CHARACTERS:
        problems.add(at, f"must be less than {limits.TABLE_CHARACTERS + 1} characters in all tables")
