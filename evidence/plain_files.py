"""Plain files of evidence read into tables: CSV, JSON and YAML.

As with workbooks, cells come out as they stand, with the line or the record's number as their place, and
what is wrong with a file is told beside the tables that could still be read.
"""

import codecs
import csv
import io
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

from shall.evidence.parse import Place, Problem, Unreadable, column_names, fold, shown, unshield
from shall.evidence.schema import Kind
from shall.evidence.sheets import (
    HEADER_ROWS,
    MAX_ROWS,
    Row,
    Table,
    find_header,
    header_problems,
    kind_called,
    nearest_kind,
    stated_kind,
    unknown_column,
)

MAX_DEPTH = 20
"""How deep JSON and YAML may nest: a record needs three levels."""
DELIMITERS = ",;\t"


def decoded(content: bytes) -> str | None:
    """The text of a file in UTF-8, UTF-16 with its mark, or GB 18030 (GBK); None where none of them fits."""
    for mark, encoding in (
        (codecs.BOM_UTF8, "utf-8-sig"),
        (codecs.BOM_UTF16_LE, "utf-16"),
        (codecs.BOM_UTF16_BE, "utf-16"),
    ):
        if content.startswith(mark):
            return _try(content, encoding)
    text = _try(content, "utf-8")
    return _try(content, "gb18030") if text is None else text


def _try(content: bytes, encoding: str) -> str | None:
    try:
        return content.decode(encoding)
    except UnicodeDecodeError:
        return None


# --- CSV -----------------------------------------------------------------------------------------


def read_csv(path: Path, text: str, kinds: Mapping[str, Kind]) -> tuple[list[Table], list[Problem]]:
    """The table of one kind: the one that the file is called after or that its first cell names."""
    place = Place(path.name)
    kind = _csv_kind(path, text, kinds)
    if kind is None:
        return [], [_unknown_sheet(place, path.stem, kinds)]
    if not text.strip():
        return [], []
    problems: list[Problem] = []
    lines = list(_csv_lines(place, text, _delimiter(kind, text), problems))
    found = find_header(kind, [list(enumerate(cells)) for _number, cells in lines[:HEADER_ROWS]])
    if found is None:
        return [], [
            *problems,
            Problem(replace(place, kind=kind.name), "import.no_header", {"rows": HEADER_ROWS}),
        ]
    at, names = found
    number, heads = lines[at]
    head = Place(path.name, None, number, kind.name)
    problems += header_problems(kind, head, ((None, text) for text in heads), names, {})
    table = Table(kind, path.name, None, [], frozenset(names.values()))
    for number, cells in lines[at + 1 :]:
        values = {names[i]: unshield(cell) for i, cell in enumerate(cells) if cell.strip() and i in names}
        extra = next(
            (
                cell
                for i, cell in enumerate(cells)
                if cell.strip() and i not in names and not _named(heads, i)
            ),
            None,
        )
        if extra is not None:
            problems.append(
                Problem(
                    table.place(number), "import.more_cells", {"found": shown(extra), "count": len(heads)}
                )
            )
        if values:
            table.rows.append(Row(number, values))
    return [table], problems


def _csv_kind(path: Path, text: str, kinds: Mapping[str, Kind]) -> Kind | None:
    """The kind the file is called after, or the one its first cell names as our sheets do."""
    lines = text.splitlines()[:HEADER_ROWS]
    top = [list(enumerate(re.split(f"[{DELIMITERS}]", line))) for line in lines]
    corner = top[0][0][1].strip('"\ufeff ') if top else None
    return stated_kind(corner, path.stem, [[(i, c.strip('"')) for i, c in row] for row in top], kinds)


def _named(heads: Sequence[str], index: int) -> bool:
    return index < len(heads) and bool(heads[index].strip())


def _csv_lines(
    place: Place, text: str, delimiter: str, problems: list[Problem]
) -> Iterator[tuple[int, list[str]]]:
    """The records of the file with the line on which each begins."""
    lines = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    count = 0
    while True:
        begins = lines.line_num + 1
        try:
            cells = next(lines)
        except StopIteration:
            return
        except csv.Error as error:
            problems.append(Problem(replace(place, row=begins), "import.broken_csv", {"reason": str(error)}))
            return
        if any(cell.strip() for cell in cells):
            count += 1
            if count > MAX_ROWS + HEADER_ROWS:
                problems.append(
                    Problem(replace(place, row=begins), "import.too_many_rows", {"limit": MAX_ROWS})
                )
                return
            yield begins, cells


def _delimiter(kind: Kind, text: str) -> str:
    """The delimiter under which most headers are known."""
    top = text[:20_000].splitlines()[:HEADER_ROWS]
    names = column_names(kind)

    def known(delimiter: str) -> int:
        return max(
            sum(fold(cell.strip('"')) in names for cell in line.split(delimiter)) for line in top or [""]
        )

    return max(DELIMITERS, key=known)


def _unknown_sheet(place: Place, name: str, kinds: Mapping[str, Kind]) -> Problem:
    return Problem(place, "import.unknown_kind", {"found": shown(name), "nearest": nearest_kind(name, kinds)})


# --- JSON and YAML -------------------------------------------------------------------------------


class _RefusedError(ValueError):
    """The text of a JSON or YAML file is refused as a whole."""

    def __init__(self, key: str, line: int | None = None, **fields: object) -> None:
        super().__init__(key)
        self.key, self.line, self.fields = key, line, fields


def read_json(path: Path, text: str, kinds: Mapping[str, Kind]) -> tuple[list[Table], list[Problem]]:
    """A table for each kind in the file; numbers keep every digit, and a key given twice refuses the file."""
    try:
        loaded = json.loads(
            text.removeprefix("\ufeff"),
            parse_float=_json_number,
            parse_int=_json_number,
            parse_constant=Unreadable,
            object_pairs_hook=_pairs,
        )
    except _RefusedError as refused:
        return [], [Problem(Place(path.name), refused.key, refused.fields)]
    except json.JSONDecodeError as error:
        return [], [Problem(Place(path.name, row=error.lineno), "import.bad_json", {"column": error.colno})]
    except RecursionError:
        return [], [Problem(Place(path.name), "import.too_deep", {"limit": MAX_DEPTH})]
    return _tables(path, loaded, kinds, "record")


def _json_number(text: str) -> object:
    return Decimal(text) if len(text) < 400 else Unreadable(text)


def _pairs(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _value in pairs]
        raise _RefusedError("import.key_twice", found=next(shown(n) for n in names if names.count(n) > 1))
    return found


class _Lined(dict[str, object]):
    """A mapping that knows the line on which it begins."""

    line = 0


def read_yaml(path: Path, text: str, kinds: Mapping[str, Kind]) -> tuple[list[Table], list[Problem]]:
    """A table for each kind in the file; aliases and tags refuse it, and every value is still text."""
    import yaml

    try:
        loaded = _yaml(text)
    except _RefusedError as refused:
        return [], [Problem(Place(path.name, row=refused.line), refused.key, refused.fields)]
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else None
        return [], [Problem(Place(path.name, row=line), "import.bad_yaml")]
    except yaml.YAMLError:
        return [], [Problem(Place(path.name), "import.bad_yaml")]
    return _tables(path, loaded, kinds, "row")


def _yaml(text: str) -> object:
    """The document as mappings, lists and texts: a cell's column decides what its text means, not YAML.

    Read from the parser's events with a stack of our own: the library's own loader recurses, and a
    deeply nested file ends the process.
    """
    import yaml

    root: list[object] = []
    stack: list[_Lined | list[object]] = [root]
    keys: list[str | None] = [None]
    events = yaml.parse(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    for event in events:
        if isinstance(event, yaml.AliasEvent):
            raise _RefusedError("import.yaml_alias", _line(event))
        if isinstance(event, yaml.MappingEndEvent | yaml.SequenceEndEvent):
            stack.pop()
            keys.pop()
        elif isinstance(event, yaml.ScalarEvent):
            _put(stack, keys, event, _scalar(event))
        elif isinstance(event, yaml.MappingStartEvent | yaml.SequenceStartEvent):
            value: _Lined | list[object] = _Lined() if isinstance(event, yaml.MappingStartEvent) else []
            if isinstance(value, _Lined):
                value.line = _line(event)
            _put(stack, keys, event, value)
            stack.append(value)
            keys.append(None)
            if len(stack) > MAX_DEPTH:
                raise _RefusedError("import.too_deep", _line(event), limit=MAX_DEPTH)
    if len(root) > 1:
        raise _RefusedError("import.yaml_documents")
    return root[0] if root else _Lined()


def _put(stack: list[Any], keys: list[str | None], event: Any, value: object) -> None:
    """Hang a value where the parser stands: in a list, as a mapping's next key, or under that key."""
    line = _line(event)
    if event.tag and event.tag not in ("!", "tag:yaml.org,2002:str"):
        raise _RefusedError("import.yaml_tag", line, found=shown(event.tag))
    into = stack[-1]
    if isinstance(into, list):
        into.append(value)
    elif keys[-1] is None:
        if not isinstance(value, str):
            raise _RefusedError("import.yaml_key", line)
        if value in into:
            raise _RefusedError("import.key_twice", line, found=shown(value))
        keys[-1] = value
    else:
        into[keys[-1]] = value
        keys[-1] = None


def _line(event: Any) -> int:
    return int(event.start_mark.line) + 1


def _scalar(event: Any) -> str | None:
    plain = event.style in (None, "")
    return None if plain and event.value in ("", "~", "null", "Null", "NULL") else event.value


def _tables(
    path: Path, loaded: object, kinds: Mapping[str, Kind], counts: str
) -> tuple[list[Table], list[Problem]]:
    """Tables of `{kind: [record, ...]}`, or of a list where the file is called after a kind."""
    if isinstance(loaded, list) and kind_called(path.stem, kinds):
        loaded = {path.stem: loaded}
    if not isinstance(loaded, dict):
        return [], [Problem(Place(path.name), "import.bad_shape")]
    tables: list[Table] = []
    problems: list[Problem] = []
    for name, records in loaded.items():
        place = Place(path.name, shown(name))
        kind = kind_called(name, kinds)
        if kind is None:
            problems.append(_unknown_sheet(place, name, kinds))
        elif not isinstance(records, list):
            problems.append(Problem(place, "import.bad_shape"))
        elif len(records) > MAX_ROWS:
            problems.append(Problem(place, "import.too_many_rows", {"limit": MAX_ROWS}))
        else:
            table = Table(kind, path.name, name, [], None, counts=counts)
            table.rows.extend(_plain_rows(table, records, problems))
            tables.append(table)
    return tables, problems


def _plain_rows(table: Table, records: Sequence[object], problems: list[Problem]) -> Iterator[Row]:
    names = column_names(table.kind)
    for index, record in enumerate(records, 1):
        number = record.line if isinstance(record, _Lined) else index
        if not isinstance(record, dict):
            problems.append(Problem(table.place(number), "import.not_a_record", {"found": shown(record)}))
            continue
        cells: dict[str, object] = {}
        for key, value in record.items():
            name = names.get(fold(key))
            if name is None:
                problems.append(unknown_column(table.kind, table.place(number), None, key))
            elif name in cells:
                problems.append(Problem(table.place(number, name), "import.column_twice"))
            elif value is not None:
                cells[name] = Unreadable(shown(value)) if isinstance(value, list | dict) else value
        if "id" not in cells and not cells:
            problems.append(Problem(table.place(number, "id"), "import.required"))
        else:
            yield Row(number, cells)
