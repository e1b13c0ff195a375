"""Reports reach the disk whole: written beside the target and put in its place at the end."""

import errno
import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from shall.texts.errors import ReportError


def put(path: str | Path, write: Callable[[Path], None]) -> None:
    """Let `write` make the file under a passing name, then move it to `path`.

    Raises ReportError, and leaves what stood at `path` untouched, where the folder is missing or read-only,
    the disk is full or another program holds the file.
    """
    target = Path(path)
    _check(target)
    with _told(target):
        handle, name = tempfile.mkstemp(prefix=".report-", suffix=target.suffix, dir=target.parent)
        os.close(handle)
        draft = Path(name)
        try:
            write(draft)
            with draft.open("rb") as written:
                os.fsync(written.fileno())
            draft.chmod(_mode(target))
            draft.replace(target)
        finally:
            with suppress(FileNotFoundError):
                draft.unlink()


def put_bytes(path: str | Path, content: bytes) -> None:
    """Put this content in its place in one step; raises ReportError."""
    put(path, lambda draft: _write(draft, content))


def _write(draft: Path, content: bytes) -> None:
    draft.write_bytes(content)


def _check(target: Path) -> None:
    if target.is_dir():
        raise ReportError("report.is_folder", path=target)
    if target.exists() and not target.is_file():
        raise ReportError("report.no_file", path=target)
    if not target.parent.is_dir():
        raise ReportError("report.no_folder", folder=target.parent)


def _mode(target: Path) -> int:
    """The permissions of the file that stands there, else those of any new file."""
    if target.exists():
        return target.stat().st_mode & 0o777
    mask = os.umask(0o022)
    os.umask(mask)
    return 0o666 & ~mask


@contextmanager
def _told(target: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        keys = {
            errno.ENOSPC: "report.disk_full",
            errno.EDQUOT: "report.disk_full",
            errno.EACCES: "report.read_only",
            errno.EPERM: "report.read_only",
            errno.EROFS: "report.read_only",
            errno.ENAMETOOLONG: "report.name_too_long",
        }
        key = keys.get(error.errno or 0, "report.not_written")
        raise ReportError(key, path=target, why=error.strerror or str(error)) from error
