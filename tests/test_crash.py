"""A writer killed at any moment leaves a store that opens, verifies and holds every commit it told of."""

import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest

from shall.evidence import store
from shall.evidence.store import Store

WRITER = Path(__file__).with_name("kill_writer.py")
KINDS = {"policy": {"id": "text", "title": "text"}, "meter": {"id": "text", "title": "text"}}
ROUNDS = 400 if os.environ.get("HYPOTHESIS_PROFILE") == "long" else 40

pytestmark = pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="no SIGKILL on this system")


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(store, "declared_kinds", lambda: (KINDS, "test"))
    Store.create(tmp_path / "evidence.shall").close()
    return tmp_path / "evidence.shall"


def test_every_kill_leaves_whole_commits(path: Path) -> None:
    chance, told, killed_while_writing = random.Random(20260310), 0, 0
    for number in range(ROUNDS):
        if number % 10 == 0:
            path.unlink()
            Store.create(path).close()
        told = killed(path, chance.uniform(0.0, 0.06))
        killed_while_writing += journal(path).exists()
        check(path, told)
    assert killed_while_writing, "no kill hit a commit: the test shows nothing"


def killed(path: Path, after: float) -> int:
    """Let the writer run for that many seconds after it is ready; the last head it told of."""
    with subprocess.Popen([sys.executable, WRITER, path, "loop"], stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == "ready\n"
        time.sleep(after)
        child.kill()
        lines = child.stdout.read().splitlines(keepends=True)
    return max((int(line) for line in lines if line.endswith("\n")), default=0)


def check(path: Path, told: int) -> None:
    with Store.open(path) as opened:
        assert opened.position()[0] >= told
        verification = opened.verify(expect_head=opened.position())
        assert verification.ok, verification
        sizes = Counter(str(revision.body["title"]) for revision in opened.revisions())
        assert all(found == int(title.split()[1]) for title, found in sizes.items()), "half a commit"
        documents = opened._read("SELECT count(*) FROM attachment")[0][0]
        assert documents == len(sizes)


def journal(path: Path) -> Path:
    return path.with_name(f"{path.name}-journal")


def test_a_reader_undoes_what_an_interrupted_write_left(path: Path) -> None:
    before = path.read_bytes()
    subprocess.run([sys.executable, WRITER, path, "spill"], check=False)
    assert journal(path).exists()
    assert path.read_bytes() != before, "the writer died before it reached the file"
    with Store.open(path) as opened:
        assert opened.position()[0] == 0
        assert opened.verify().ok
    assert path.read_bytes() == before
