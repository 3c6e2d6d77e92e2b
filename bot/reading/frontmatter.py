"""Front matter: the YAML between two ``---`` lines at the very top of a document, taken off before its text.

It is composed into nodes and never constructed into objects: every scalar stays the string that was written
("2025-05" is not turned into a date or a sum), aliases are not expanded, and each field keeps its line for reports.
"""

from __future__ import annotations

import difflib
import logging
import re

import yaml

from bot.errors import UnreadableDocument
from bot.reading.fields import FIELD_NAMES, BadField, Fields, read_fields

MAX_FRONT_MATTER_CHARS = 16 * 1024
MAX_BRACKETS = 200  # PyYAML's time grows with the square of their depth: 16 KiB of "[" take 3.5 s

_RULE = re.compile(r"^---[ \t]*$", re.MULTILINE)
_log = logging.getLogger(__name__)


def split_front_matter(name: str, text: str) -> tuple[Fields, str]:
    """What the front matter of ``text`` says, and the text after it.

    A text without a ``---`` line at its very start, or without a second one in the first 16 KiB, has no front
    matter. ``name`` is for the report. Raises `UnreadableDocument` with the line or field that is wrong.
    """
    opening = _RULE.match(text)
    closing = _RULE.search(text, opening.end(), MAX_FRONT_MATTER_CHARS) if opening else None
    if opening is None or closing is None:
        return Fields(), text
    values, lines = _read_mapping(name, text[opening.end() : closing.start()])
    _refuse_misspelt(name, values, lines)
    try:
        return read_fields(values), text[closing.end() :]
    except BadField as bad:
        raise UnreadableDocument(name, f"front matter, line {lines[bad.field]}, {bad.field}: {bad.reason}") from None


def _read_mapping(name: str, block: str) -> tuple[dict[str, object], dict[str, int]]:
    """The fields in ``block`` (strings, or lists of strings) and the line of the file each stands on."""
    root = _compose(name, block)
    if root is None:
        return {}, {}
    if not isinstance(root, yaml.MappingNode):
        reason = (
            "the front matter is not “field: value” lines; if its first line is a mere rule, put an empty line above."
        )
        raise UnreadableDocument(name, reason)
    values: dict[str, object] = {}
    lines: dict[str, int] = {}
    for key, value in root.value:
        line = key.start_mark.line + 1
        if not isinstance(key, yaml.ScalarNode):
            raise UnreadableDocument(name, f"front matter, line {line}: a field's name must be one word.")
        field = key.value.strip().lower()
        if field in values:
            raise UnreadableDocument(name, f"front matter, line {line}: the field “{_shown(field)}” is there twice.")
        values[field], lines[field] = _plain(value), line
    return values, lines


def _compose(name: str, block: str) -> yaml.Node | None:
    if block.count("[") + block.count("{") > MAX_BRACKETS:
        raise UnreadableDocument(name, f"the front matter has more than {MAX_BRACKETS} brackets.")
    try:
        return yaml.compose(block, Loader=yaml.BaseLoader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        where = f", line {mark.line + 1}" if mark else ""
        hint = "it is not valid YAML; put a value that holds “: ” or “#” in quotation marks."
        raise UnreadableDocument(name, f"front matter{where}: {hint}") from None
    except (yaml.YAMLError, ValueError, OverflowError, RecursionError):
        # ReaderError for control characters, ValueError for "\UFFFFFFFF", RecursionError for "[[[[..."
        raise UnreadableDocument(name, "the front matter is not valid YAML: write “field: value” lines.") from None


def _plain(node: yaml.Node) -> object:
    """A string, a list of strings, or something `read_fields` refuses."""
    if isinstance(node, yaml.ScalarNode):
        return node.value
    if isinstance(node, yaml.SequenceNode):
        return [item.value if isinstance(item, yaml.ScalarNode) else {} for item in node.value]
    return {}


def _refuse_misspelt(name: str, values: dict[str, object], lines: dict[str, int]) -> None:
    """A field that is nearly one of ours is a slip that would lose data; others (tags, layout) are not for us."""
    unknown = [field for field in values if field not in FIELD_NAMES]
    for field in unknown[:20]:
        if len(field) <= 20 and (near := difflib.get_close_matches(field, FIELD_NAMES, n=1, cutoff=0.75)):
            reason = f"there is no field “{_shown(field)}”: did you mean “{near[0]}”?"
            raise UnreadableDocument(name, f"front matter, line {lines[field]}: {reason}")
    if unknown:
        _log.info("%d fields of front matter mean nothing here and were passed over", len(unknown))


def _shown(field: str) -> str:
    """A field's name fit for a report: short and on one line."""
    printable = "".join(char for char in field[:40] if char.isprintable())
    return printable + "…" if len(field) > 40 else printable
