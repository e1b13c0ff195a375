"""Files of other tools read with care, and what is wrong with them told all at once."""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from shall.engine.reports.files import put_bytes
from shall.engine.yaml_lines import YamlProblem
from shall.engine.yaml_lines import load as load_yaml
from shall.texts import say
from shall.texts.errors import ShallError

MAX_BYTES = 32_000_000
"""The largest public OSCAL catalog has about 10 MB."""
SHOWN = 40
"""Problems a message lists before it says how many more there are."""


class Trouble(NamedTuple):
    """One thing that is wrong or was not taken: where, and the catalogue's words for it."""

    at: str
    key: str
    fields: Mapping[str, object]

    def text(self, lang: str) -> str:
        """`place: message` in that language."""
        return f"{self.at}: {say(self.key, lang, **self.fields)}"


def trouble(at: str, key: str, /, **fields: object) -> Trouble:
    """A trouble with its fields, long values cut."""
    return Trouble(at, f"exchange.{key}", {name: _cut(value) for name, value in fields.items()})


def _cut(value: object) -> object:
    text = value if isinstance(value, str) else str(value)
    return text if len(text) <= 80 else text[:79] + "…"


class ExchangeError(ShallError):
    """A file of another tool cannot be used."""


class ExchangeProblems(ExchangeError):
    """A document that does not hold together, with everything found wrong in it."""

    def __init__(self, path: object, problems: Sequence[Trouble]) -> None:
        self.problems = list(problems)
        super().__init__("exchange.problems", path=path, count=len(self.problems))

    def text(self, lang: str) -> str:
        """A head line and the problems below it."""
        lines = [say(self.key, lang, **self.fields), *(f"  {p.text(lang)}" for p in self.problems[:SHOWN])]
        if len(self.problems) > SHOWN:
            lines.append("  " + say("exchange.more", lang, count=len(self.problems) - SHOWN))
        return "\n".join(lines)


@dataclass(slots=True)
class Report:
    """What an import took and what it could not take, by reason."""

    taken: dict[str, int] = field(default_factory=dict)
    left: dict[str, list[str]] = field(default_factory=dict)

    def take(self, key: str, count: int = 1) -> None:
        """Count something taken."""
        self.taken[key] = self.taken.get(key, 0) + count

    def leave(self, key: str, at: str) -> None:
        """Remember something not taken, and where it stood."""
        self.left.setdefault(key, []).append(at)

    def lines(self, lang: str) -> list[str]:
        """The report, a line for each reason."""
        lines = [say(f"exchange.taken_{key}", lang, count=count) for key, count in self.taken.items()]
        for key, places in self.left.items():
            shown = ", ".join(str(_cut(p)) for p in places[:5]) + (" …" if len(places) > 5 else "")
            lines.append(say(f"exchange.left_{key}", lang, count=len(places), at=shown))
        return lines


def read_value(path: Path) -> Any:
    """What a JSON or YAML file holds; raises ExchangeError for anything that is not plain and of bearable size."""
    if path.suffix.lower() in (".yaml", ".yml"):
        return parse_yaml(read_text(path), path)
    return parse_json(read_text(path), path)


def read_result(path: Path) -> dict[str, Any]:
    """A result that `shall check --format json` wrote; raises ExchangeError for anything else."""
    import hashlib

    from pydantic import ValidationError

    from shall.engine.evaluation import canonical
    from shall.engine.reports.schema import Result

    value = parse_json(read_text(path), path)
    try:
        Result.model_validate(value)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        why = f"{'.'.join(map(str, first['loc'])) or '-'}: {first['msg']}"
        raise ExchangeError("exchange.not_result", path=path, why=why) from None
    body = {k: v for k, v in value.items() if k != "receipt"}
    if hashlib.sha256(canonical(body).encode()).hexdigest() != value["receipt"]["result"]:
        raise ExchangeError("exchange.copy_broken", path=path)
    return dict(value)


def read_text(path: Path) -> str:
    """The text of a file; raises ExchangeError."""
    try:
        if path.stat().st_size > MAX_BYTES:
            raise ExchangeError("exchange.large", path=path, size=path.stat().st_size, limit=MAX_BYTES)
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise ExchangeError("exchange.not_utf8", path=path) from None
    except OSError as error:
        raise ExchangeError("exchange.unreadable", path=path, why=error.strerror or str(error)) from None


class _Refused(ValueError):
    pass


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found:
            raise _Refused(f"duplicate key {key!r}"[:80])
        found[key] = value
    return found


def _no_constant(name: str) -> Any:
    raise _Refused(f"{name} is no JSON number")


def parse_json(text: str, path: object) -> Any:
    """The value of a JSON text: no duplicate keys, no NaN, nothing that is no Unicode; raises ExchangeError."""
    try:
        value = json.loads(text, object_pairs_hook=_once, parse_constant=_no_constant)
        json.dumps(value, ensure_ascii=False).encode()
    except json.JSONDecodeError as error:
        raise ExchangeError("exchange.json", path=path, line=error.lineno, why=error.msg) from None
    except UnicodeEncodeError:
        raise ExchangeError("exchange.json", path=path, line=1, why="lone surrogate") from None
    except _Refused as error:
        raise ExchangeError("exchange.json", path=path, line=1, why=str(error)) from None
    except ValueError:
        raise ExchangeError("exchange.json", path=path, line=1, why="number too long") from None
    except RecursionError:
        raise ExchangeError("exchange.json", path=path, line=1, why="nested too deeply") from None
    return value


class NotPlainYaml(ExchangeError):
    """A YAML file with more in it than plain values, or one that cannot be read; says why in either language."""

    def __init__(self, path: object, problem: YamlProblem) -> None:
        super().__init__("exchange.yaml", path=path, line=problem.line)
        self.problem = problem

    def text(self, lang: str) -> str:
        """Place and reason."""
        why = say(self.problem.key, lang, **self.problem.fields)
        return say(self.key, lang, **self.fields, why=why)


def parse_yaml(text: str, path: object) -> Any:
    """The value of a YAML text without tags, aliases or duplicate keys; raises ExchangeError."""
    try:
        value, node = load_yaml(text)
        _refuse_tags(node)
        json.dumps(value, ensure_ascii=False).encode()
    except YamlProblem as problem:
        raise NotPlainYaml(path, problem) from None
    except RecursionError:
        raise NotPlainYaml(path, YamlProblem("rules.yaml_deep", 1)) from None
    except ValueError as error:
        raise NotPlainYaml(path, YamlProblem("rules.yaml_syntax", 1, why=str(error))) from None
    return value


def _refuse_tags(node: Any) -> None:
    """A value of a kind that JSON does not have (binary, sets, dates by tag) is refused."""
    waiting = [node] if node is not None else []
    while waiting:
        one = waiting.pop()
        kind = one.tag.rpartition(":")[2]
        if kind not in ("map", "seq", "str", "int", "float", "bool", "null"):
            raise YamlProblem("rules.yaml_syntax", one.start_mark.line + 1, why=f"tag {one.tag}")
        if isinstance(one.value, list):
            for part in one.value:
                waiting.extend(part if isinstance(part, tuple) else (part,))


def json_bytes(value: Any) -> bytes:
    """A value as JSON, keys in the order they were put in: the same bytes for the same value."""
    return (json.dumps(value, ensure_ascii=False, indent=1) + "\n").encode()


_SPECIAL = re.compile("[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]")


def yaml_scalar(value: Any) -> str:
    """A value as one line that YAML and JSON both read."""
    text = json.dumps(value, ensure_ascii=False)
    return _SPECIAL.sub(lambda m: f"\\u{ord(m[0]):04x}", text)


def yaml_text(value: Any, indent: int = 0) -> str:
    """A plain value as block YAML: keys in order, texts quoted, anything empty or scalar on one line."""
    pad = " " * indent
    if isinstance(value, Mapping) and value:
        return "".join(f"{pad}{_key(k)}:{_under(v, indent)}" for k, v in value.items())
    if isinstance(value, list) and value:
        return "".join(f"{pad}-{_item(v, indent)}" for v in value)
    return f"{pad}{yaml_scalar(value)}\n"


_WORDS = frozenset(("true", "false", "null", "yes", "no", "on", "off", "y", "n"))
"""What some YAML reader takes for something else than a text."""


def _key(key: str) -> str:
    return key if re.match(r"^[a-z][a-z0-9_]*$", key) and key not in _WORDS else yaml_scalar(key)


def _under(value: Any, indent: int) -> str:
    if value and isinstance(value, Mapping | list):
        return "\n" + yaml_text(value, indent + 2)
    return f" {yaml_scalar(value)}\n"


def _item(value: Any, indent: int) -> str:
    if value and isinstance(value, Mapping | list):
        return " " + yaml_text(value, indent + 2)[indent + 2 :]
    return f" {yaml_scalar(value)}\n"


def write_all(folder: Path, files: Mapping[str, bytes], *, replace: bool) -> None:
    """Write files below a folder, making it; one that stands there is replaced only if that is asked for."""
    targets = {folder / name: content for name, content in files.items()}
    if not replace:
        present = [path for path in targets if path.exists()]
        if present:
            raise ExchangeError("exchange.target_exists", path=present[0])
    for path, content in targets.items():
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise ExchangeError("exchange.unwritable", path=path.parent, why=error.strerror) from None
        put_bytes(path, content)


def refuse(path: object, problems: Iterable[Trouble]) -> None:
    """Raise ExchangeProblems if there are any."""
    found = list(problems)
    if found:
        raise ExchangeProblems(path, found)
