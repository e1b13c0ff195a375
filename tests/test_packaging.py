"""What is in the folders is in the wheel: every package of code is listed, every data file matches a pattern."""

import fnmatch
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SETUP = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["setuptools"]
FOLDERS = {name: ROOT / place for name, place in SETUP["package-dir"].items()}


def test_every_package_of_code_is_listed() -> None:
    found = {
        name + "".join(f".{part}" for part in place.relative_to(folder).parts)
        for name, folder in FOLDERS.items()
        for place in {p.parent for p in folder.rglob("*.py")}
    }
    assert found <= set(SETUP["packages"])


def test_every_data_file_is_taken_along() -> None:
    left = [
        str(file.relative_to(ROOT))
        for name, folder in FOLDERS.items()
        for file in folder.rglob("*")
        if file.is_file()
        and file.suffix not in (".py", ".pyc")
        and not any(
            fnmatch.fnmatch(file.relative_to(folder).as_posix(), pattern.replace("**/", "*"))
            for pattern in SETUP["package-data"][name]
        )
    ]
    assert left == []


def test_commands_and_their_modules_exist() -> None:
    from shall.engine.cli import COMMANDS, shall

    for name in COMMANDS:
        assert shall.get_command(None, name) is not None, name  # type: ignore[arg-type]
