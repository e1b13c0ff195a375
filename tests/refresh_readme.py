"""Puts a command's output into a README: `python tests/refresh_readme.py README.md demo OUTPUT`."""

import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def put(readme: str, mark: str, output: str) -> None:
    """Replace what stands between the marks by a block of the output."""
    path = ROOT / readme
    text = path.read_text(encoding="utf-8")
    block = f"<!-- {mark} -->\n```text\n{output.rstrip()}\n```\n<!-- /{mark} -->"
    new, count = re.subn(rf"<!-- {mark} -->.*?<!-- /{mark} -->", lambda _: block, text, flags=re.S)
    if count != 1:
        raise SystemExit(f"{readme}: the mark {mark} stands {count} times")
    path.write_text(new, encoding="utf-8")


def main() -> None:
    """README, mark and file from the command line."""
    readme, mark, output = sys.argv[1:]
    put(readme, mark, Path(output).read_text(encoding="utf-8"))


if __name__ == "__main__":
    main()
