"""The evidence store: what is written is what is read, and what was altered is found."""

import hashlib
import json
import os
import sqlite3
import string
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shall.evidence import database, ledger, store, tables
from shall.evidence.ledger import NO_HASH, START, Attachment, Change, Counts
from shall.evidence.store import Store
from shall.texts import LANGUAGES, area
from shall.texts.errors import StoreError

AT = datetime(2026, 3, 10, 8, 30, 15, 999, tzinfo=UTC)
KINDS = {
    "policy": {"id": "text", "title": "text", "commits": "flag", "valid_from": "date", "document": "text"},
    "meter": {"id": "text", "factor": "decimal", "readings": "integer", "unit": "text"},
}
DROP_TITLE = "ALTER TABLE policy DROP COLUMN title"
METER = {"factor": "12.5", "readings": 3, "unit": "kWh"}


@pytest.fixture(autouse=True)
def _few_kinds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store, "declared_kinds", lambda: (KINDS, "digest"))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "证据 #1?.shall"


@pytest.fixture
def opened(path: Path) -> Iterator[Store]:
    with Store.create(path) as created:
        yield created


def put(record: str, kind: str = "policy", **body: object) -> Change:
    return Change("put", kind, record, body)


def withdraw(record: str, kind: str = "policy") -> Change:
    return Change("withdraw", kind, record)


def commit(
    opened: Store, *changes: Change, organisation: str = "org", attachments: Sequence[Attachment] = ()
) -> Counts:
    return opened.commit(organisation, changes, actor="auditor", at=AT, attachments=attachments).total


def fill(opened: Store, entries: int = 6) -> None:
    for number in range(1, entries + 1):
        commit(opened, put(f"P-{number % 4}", title=f"title {number}"))


@contextmanager
def tampering(path: Path) -> Iterator[sqlite3.Connection]:
    """Raw access to the file as an intruder has it: without the triggers."""
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        triggers = db.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").fetchall()
        for name, _ in triggers:
            db.execute(f"DROP TRIGGER {name}")
        yield db
        for _, sql in triggers:
            db.execute(sql)


def dump(path: Path) -> list[str]:
    with closing(sqlite3.connect(path)) as db:
        return list(db.iterdump())


def refused(key: str, action: Callable[[], object]) -> StoreError:
    with pytest.raises(StoreError) as caught:
        action()
    assert caught.value.key == key
    for lang in LANGUAGES:
        assert caught.value.text(lang)
    return caught.value


# Creating and opening


def test_a_new_store_is_empty_and_sound(opened: Store) -> None:
    assert opened.position() == START == (0, "0" * 64)
    assert opened.organisations() == []
    assert opened.rows("policy", "org", ["id"]) == []
    assert opened.verify(expect_head=START).ok
    assert opened.actor_default == "shall"
    assert opened.kinds_digest == "digest"


def test_creating_never_overwrites(opened: Store, path: Path) -> None:
    fill(opened)
    before = path.read_bytes()
    refused("store.exists", lambda: Store.create(path))
    assert path.read_bytes() == before
    assert [p.name for p in path.parent.iterdir()] == [path.name]


def test_creating_never_overwrites_a_file_that_came_meanwhile(tmp_path: Path) -> None:
    draft, target = tmp_path / "draft", tmp_path / "target"
    draft.write_text("new")
    target.write_text("old")
    refused("store.exists", lambda: database.move_into_place(draft, target))
    assert target.read_text() == "old"


def test_creating_works_where_links_do_not(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def no_links(*_: object) -> None:
        raise PermissionError("links are not supported")

    monkeypatch.setattr(os, "link", no_links)
    with Store.create(path) as created:
        assert created.verify().ok
    assert [p.name for p in path.parent.iterdir()] == [path.name]


def test_creating_needs_a_folder(tmp_path: Path) -> None:
    refused("store.cannot_open", lambda: Store.create(tmp_path / "nowhere" / "e.shall"))


def test_a_failed_creation_leaves_nothing(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise sqlite3.OperationalError("stop")

    monkeypatch.setattr(store, "create_projections", fail)
    refused("store.damaged", lambda: Store.create(path))
    assert list(path.parent.iterdir()) == []


def test_opening_tells_what_is_wrong(tmp_path: Path) -> None:
    refused("store.missing", lambda: Store.open(tmp_path / "none"))
    refused("store.not_a_file", lambda: Store.open(tmp_path))
    text, empty, other = tmp_path / "text", tmp_path / "empty", tmp_path / "other"
    text.write_text("碳" * 2000, encoding="utf-8")
    empty.touch()
    with closing(sqlite3.connect(other)) as db:
        db.execute("CREATE TABLE ledger (seq INTEGER)")
    for path in (text, empty, other):
        for write in (False, True):
            before = path.read_bytes()
            refused("store.not_a_store", partial(Store.open, path, write=write))
            assert path.read_bytes() == before


def test_a_newer_store_is_refused(opened: Store, path: Path) -> None:
    with tampering(path) as db:
        db.execute(f"PRAGMA user_version = {database.STORE_VERSION + 1}")
    error = refused("store.newer", lambda: Store.open(path))
    assert (error.fields["found"], error.fields["allowed"]) == (2, 1)


@pytest.mark.parametrize(
    "shape",
    [
        "",
        "[]",
        '{"policy": {}}',
        '{"ledger": {"id": "text"}}',
        '{"policy": {"id": "float"}}',
        '{"p\\" AS x; --": {"id": "text"}}',
        '{"policy": {"id": "text", "_seq": "integer"}}',
    ],
)
def test_a_store_whose_columns_were_forged_is_refused(opened: Store, path: Path, shape: str) -> None:
    with tampering(path) as db:
        db.execute("UPDATE meta SET value = ? WHERE key = 'columns'", (shape,))
    refused("store.damaged", lambda: Store.open(path))


def test_a_store_is_a_single_file_at_rest(opened: Store, path: Path) -> None:
    fill(opened)
    assert [p.name for p in path.parent.iterdir()] == [path.name]
    assert opened._read("PRAGMA journal_mode") == [("delete",)]
    copy = path.with_name("copy")
    copy.write_bytes(path.read_bytes())
    with Store.open(copy) as other:
        assert other.position() == opened.position()


def test_reading_imports_neither_pydantic_nor_sqlite_utils(opened: Store, path: Path) -> None:
    fill(opened)
    code = (
        "import sys; from shall.evidence.store import Store\n"
        f"with Store.open({str(path)!r}) as s: s.rows('policy', 'org', ['id']); s.records('policy', 'org')\n"
        "print(sorted({'pydantic', 'sqlite_utils', 'shall.evidence.schema'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


# Writing and reading


def test_every_type_is_read_as_sqlite_stores_it(opened: Store) -> None:
    commit(
        opened, put("P-1", title="碳方针\n第二行", commits=True, valid_from=date(2026, 3, 10), document=None)
    )
    commit(opened, put("M-1", "meter", factor=Decimal("0012.500"), readings=-3, unit="12"))
    columns = ["id", "title", "commits", "valid_from", "document"]
    assert opened.rows("policy", "org", columns) == [("P-1", "碳方针\n第二行", 1, "2026-03-10", None)]
    assert opened.rows("meter", "org", ["unit", "readings", "factor", "id"]) == [("12", -3, "12.5", "M-1")]
    assert opened.records("meter", "org") == [{"factor": "12.5", "id": "M-1", "readings": -3, "unit": "12"}]
    (body,) = opened._read("SELECT body FROM ledger WHERE seq = 1")[0]
    assert body == '{"commits":true,"id":"P-1","title":"碳方针\\n第二行","valid_from":"2026-03-10"}'


def test_what_the_store_lacks_is_unknown(opened: Store) -> None:
    commit(opened, put("P-1", title="a"))
    assert opened.rows("policy", "org", ["newer", "id"]) == [(None, "P-1")]
    assert opened.rows("newer_kind", "org", ["id"]) == []
    assert opened.records("newer_kind", "org") == []
    assert opened.rows("policy", "other", ["id"]) == []
    assert opened.rows("policy", "org", []) == [()]


def test_rows_are_ordered_by_id_and_kept_apart_by_organisation(opened: Store) -> None:
    commit(opened, *(put(name, title="x") for name in ("b", "A", "碳", "a", "B")))
    commit(opened, put("a", title="other"), organisation="机构")
    assert opened.rows("policy", "org", ["id"]) == [("A",), ("B",), ("a",), ("b",), ("碳",)]
    assert opened.rows("policy", "机构", ["id", "title", "organisation"]) == [("a", "other", "机构")]
    assert opened.organisations() == ["org", "机构"]


def test_a_commit_counts_what_it_did(opened: Store) -> None:
    assert commit(opened, put("a", title="1"), put("b", title="1")) == Counts(new=2)
    assert commit(opened, put("a", title="2"), put("b", title="1", commits=None)) == Counts(
        changed=1, unchanged=1
    )
    assert commit(opened, withdraw("a")) == Counts(withdrawn=1)
    assert commit(opened, withdraw("a")) == Counts(unchanged=1)
    assert commit(opened, put("a", title="2")) == Counts(new=1)
    assert opened.position()[0] == 5


def test_an_equal_body_writes_nothing(opened: Store, path: Path) -> None:
    commit(opened, put("m", "meter", **METER))
    before = path.read_bytes()
    again = {"unit": "kWh", "readings": 3, "factor": Decimal("12.500"), "id": "m"}
    summary = opened.commit("org", [put("m", "meter", **again)], actor="x", at=AT + timedelta(days=1))
    assert summary.kinds == {"meter": Counts(unchanged=1)}
    assert summary.position == opened.position()
    assert path.read_bytes() == before


def test_a_scan_reads_all_organisations_in_order(opened: Store) -> None:
    commit(opened, put("b", title="1"), put("c", title="2"), organisation="two")
    commit(opened, put("a", title="3"), organisation="one")
    known = opened.position()[0]
    commit(opened, put("b", title="4"), withdraw("c"), organisation="two")
    columns = ["id", "title", "no_such_column"]
    now = [("one", "a", "3", None), ("two", "b", "4", None)]
    then = [("one", "a", "3", None), ("two", "b", "1", None), ("two", "c", "2", None)]
    assert list(opened.scan("policy", columns)) == now
    assert list(opened.scan("policy", columns, known)) == then
    assert list(opened.scan("policy", [])) == [("one",), ("two",)]
    assert list(opened.scan("no_such_kind", columns)) == []


def test_what_was_known_stays_readable(opened: Store) -> None:
    commit(opened, put("a", title="1"), put("b", title="1"))
    commit(opened, put("a", title="2"))
    commit(opened, withdraw("b"))
    titles = [opened.rows("policy", "org", ["id", "title"], known=n) for n in range(5)]
    assert titles[0] == []
    assert titles[1] == [("a", "1")]
    assert titles[2] == [("a", "1"), ("b", "1")]
    assert titles[3] == [("a", "2"), ("b", "1")]
    assert titles[4] == [("a", "2")] == opened.rows("policy", "org", ["id", "title"])
    assert opened.records("policy", "org", known=3) == [{"id": "a", "title": "2"}, {"id": "b", "title": "1"}]


def test_history_and_revisions_tell_everything(opened: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store, "PAGE", 2)
    fill(opened, 7)
    commit(opened, withdraw("P-1"))
    entries = list(opened.revisions())
    assert [e.seq for e in entries] == list(range(1, 9))
    assert [e.seq for e in opened.revisions(start=6)] == [6, 7, 8]
    assert [(e.seq, e.action, e.body) for e in opened.history("org", "policy", "P-1")] == [
        (1, "put", {"id": "P-1", "title": "title 1"}),
        (5, "put", {"id": "P-1", "title": "title 5"}),
        (8, "withdraw", {}),
    ]
    assert [opened.position_at(e.seq) for e in entries] == [(e.seq, e.hash) for e in entries]
    assert opened.position_at(0) == START
    for seq in (-1, 9):
        refused("store.no_position", partial(opened.position_at, seq))


def test_the_time_is_written_in_utc(opened: Store) -> None:
    east = datetime(2026, 3, 10, 2, tzinfo=timezone(timedelta(hours=8)))
    opened.commit("org", [put("a", title="1")], actor="x", at=east)
    assert next(opened.revisions()).at == "2026-03-09T18:00:00Z"
    with pytest.raises(ValueError, match="offset"):
        opened.commit("org", [], actor="x", at=datetime(2026, 3, 10))


def test_the_hash_can_be_computed_from_its_description(opened: Store) -> None:
    fill(opened, 2)
    previous = "0" * 64
    for e in opened.revisions():
        body = json.dumps(e.body, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
        fields = [e.seq, e.at, e.actor, e.organisation, e.kind, e.record_id, e.action, body, previous]
        texts = [str(f).encode() for f in ("shall ledger 1", *fields)]
        previous = hashlib.sha256(b"".join(b"%d:" % len(t) + t + b"," for t in texts)).hexdigest()
        assert e.hash == previous
    assert opened.position() == (2, previous)


def test_a_known_ledger_has_a_known_head(opened: Store) -> None:
    """Pins the format: a change of this hash makes every existing store unreadable."""
    commit(opened, put("P-1", title="碳方针", commits=False))
    assert opened.position() == (1, "f618df5682320cded4cae8039f75604e0540866daf1c60afea597576ed9276f2")


BAD: list[tuple[str, Change]] = [
    ("store.unknown_kind", put("a", "nope")),
    ("store.unknown_column", put("a", nope="x")),
    ("store.unknown_column", put("a", organisation="x")),
    ("store.two_ids", put("a", id="b")),
    ("store.two_ids", put("1", id=1)),
    ("store.not_text", put("a", title=1)),
    ("store.not_text", put("a", title="  ")),
    ("store.not_text", put("a", title="")),
    ("store.not_text", put("a", title="a\0b")),
    ("store.not_text", put("a", title="\ud800")),
    ("store.not_flag", put("a", commits=1)),
    ("store.not_flag", put("a", commits="true")),
    ("store.not_date", put("a", valid_from="20260310")),
    ("store.not_date", put("a", valid_from="2026-W10-1")),
    ("store.not_date", put("a", valid_from="2026-02-30")),
    ("store.not_date", put("a", valid_from=AT)),
    ("store.not_integer", put("a", "meter", readings=True)),
    ("store.not_integer", put("a", "meter", readings="1")),
    ("store.not_integer", put("a", "meter", readings=1.0)),
    ("store.not_integer", put("a", "meter", readings=2**63)),
    ("store.not_decimal", put("a", "meter", factor=0.1)),
    ("store.not_decimal", put("a", "meter", factor="1e3")),
    ("store.not_decimal", put("a", "meter", factor="1_0")),
    ("store.not_decimal", put("a", "meter", factor="１２")),
    ("store.not_decimal", put("a", "meter", factor=True)),
    ("store.not_decimal", put("a", "meter", factor=Decimal("NaN"))),
    ("store.not_decimal", put("a", "meter", factor=Decimal("1e24"))),
    ("store.not_decimal", put("a", "meter", factor=Decimal("1e999999"))),
    ("store.not_decimal", put("a", "meter", factor="0.00000000001")),
    ("store.bad_record", put("")),
    ("store.bad_record", put(" a")),
    ("store.bad_record", put("a\n")),
    ("store.bad_record", put("\ud800")),
    ("store.withdrawal_with_body", Change("withdraw", "policy", "a", {"title": "x"})),
    ("store.nothing_to_withdraw", withdraw("never")),
    ("store.twice", put("good", title="again")),
]


@pytest.mark.parametrize(("key", "change"), BAD, ids=range(len(BAD)))
def test_a_bad_change_is_refused_with_the_whole_commit(
    opened: Store, path: Path, key: str, change: Change
) -> None:
    before = path.read_bytes()
    document = Attachment("a.txt", "text/plain", b"a")
    refused(key, lambda: commit(opened, put("good", title="x"), change, attachments=[document]))
    assert path.read_bytes() == before
    assert opened.position() == START
    assert opened.attachment(document.sha256) is None


@pytest.mark.parametrize("name", ["", " ", "a ", "a\tb", "\ud800", "a\u2028b", "a\u3000b"])
def test_bad_names_are_refused(opened: Store, name: str) -> None:
    refused("store.bad_organisation", lambda: opened.commit(name, [], actor="x", at=AT))
    refused("store.bad_actor", lambda: opened.commit("org", [], actor=name, at=AT))


@pytest.mark.parametrize(
    ("given_", "stored"),
    [
        ("0", "0"),
        ("-0.000", "0"),
        (Decimal("0E-999999"), "0"),
        (Decimal("1E+3"), "1000"),
        ("-007.2500", "-7.25"),
        (5, "5"),
        ("123456789012345678901234.0123456789", "123456789012345678901234.0123456789"),
        (Decimal("1E+23"), "1" + "0" * 23),
        ("0.0000000001", "0.0000000001"),
    ],
)
def test_decimals_are_canonical_and_never_rounded(opened: Store, given_: object, stored: str) -> None:
    commit(opened, put("m", "meter", factor=given_))
    assert opened.rows("meter", "org", ["factor"]) == [(stored,)]


@given(st.decimals(allow_nan=False, allow_infinity=False, places=10, min_value=-(10**20), max_value=10**20))
def test_a_canonical_decimal_is_the_same_number(value: Decimal) -> None:
    text = ledger.canonical_decimal(value)
    assert text is not None
    assert Decimal(text) == value
    assert ledger.canonical_decimal(Decimal(text)) == text


# Guards, verification, rebuild


MIDDLE = "organisation, kind, record, action, body"


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE ledger SET actor = 'x' WHERE seq = 2",
        "DELETE FROM ledger WHERE seq = 6",
        "DELETE FROM ledger",
        f"REPLACE INTO ledger SELECT 2, at, 'x', {MIDDLE}, previous, hash FROM ledger WHERE seq = 2",
        f"INSERT INTO ledger SELECT seq + 6, at, actor, {MIDDLE}, previous, hash FROM ledger WHERE seq = 1",
        f"INSERT INTO ledger SELECT 8, at, actor, {MIDDLE}, hash, hash FROM ledger WHERE seq = 6",
        "UPDATE attachment SET content = x'00'",
        "DELETE FROM attachment",
        "INSERT OR REPLACE INTO attachment SELECT sha256, 1, name, media_type, x'00' FROM attachment",
    ],
)
def test_the_file_itself_is_append_only(opened: Store, path: Path, statement: str) -> None:
    fill(opened)
    commit(opened, attachments=[Attachment("a", "text/plain", b"a")])
    with closing(sqlite3.connect(path)) as db, pytest.raises(sqlite3.IntegrityError):
        db.execute(statement)


@pytest.mark.parametrize("seq", [1, 3, 6])
@pytest.mark.parametrize("column", tables.LEDGER[1:-2])
def test_any_altered_field_is_found_at_its_entry(opened: Store, path: Path, seq: int, column: str) -> None:
    fill(opened)
    with tampering(path) as db:
        db.execute(
            f"UPDATE ledger SET {column} = replace({column} || 'x', 'title', 'other') WHERE seq = ?", (seq,)
        )
    broken = opened.verify().broken
    assert broken is not None
    assert (broken.seq, broken.what) == (seq, "hash")
    assert str(seq) in broken.text("zh")


@pytest.mark.parametrize(
    ("statement", "seq", "what"),
    [
        ("UPDATE ledger SET hash = upper(hash) WHERE seq = 3", 3, "hash"),
        ("UPDATE ledger SET previous = hash WHERE seq = 3", 3, "previous"),
        ("UPDATE ledger SET body = CAST(body AS BLOB) WHERE seq = 3", 3, "unreadable"),
        ("UPDATE ledger SET body = CAST(x'ff' AS TEXT) WHERE seq = 3", 3, "hash"),
        ("DELETE FROM ledger WHERE seq = 3", 3, "gap"),
        ("DELETE FROM ledger WHERE seq = 1", 1, "gap"),
        ("UPDATE ledger SET seq = 60 WHERE seq = 6", 6, "gap"),
        ("UPDATE ledger SET seq = -1 WHERE seq = 1", 1, "gap"),
        ("UPDATE ledger SET organisation = 'orgp', kind = 'olicy' WHERE seq = 3", 3, "hash"),
        ("DROP TABLE ledger", 1, "unreadable"),
    ],
)
def test_the_first_break_is_named(opened: Store, path: Path, statement: str, seq: int, what: str) -> None:
    fill(opened)
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            db.execute(f"DROP TRIGGER {name}")
        db.execute(statement)
    verification = opened.verify()
    assert verification.broken == ledger.Break(seq, what)
    assert verification.head[0] == seq - 1
    assert not verification.ok
    assert verification.triggers
    refused("store.broken", opened.rebuild)


def test_an_entry_hashed_anew_shows_at_the_next(opened: Store, path: Path) -> None:
    fill(opened)
    with tampering(path) as db:
        rehash(db, 3, body='{"id":"P-3","title":"forged"}')
    assert opened.verify().broken == ledger.Break(4, "previous")


def rehash(db: sqlite3.Connection, seq: int, *, body: str | None = None) -> None:
    names = tables.LEDGER[:-1]
    row = dict(
        zip(
            names,
            db.execute(f"SELECT {', '.join(names)} FROM ledger WHERE seq = ?", (seq,)).fetchone(),
            strict=True,
        )
    )
    row["body"] = body or row["body"]
    found = db.execute("SELECT hash FROM ledger WHERE seq = ?", (seq - 1,)).fetchone()
    row["previous"] = found[0] if found else NO_HASH
    own = ledger.entry_hash(str(value).encode() for value in row.values())
    db.execute(
        "UPDATE ledger SET body = ?, previous = ?, hash = ? WHERE seq = ?",
        (row["body"], row["previous"], own, seq),
    )


def test_only_a_known_head_shows_a_ledger_cut_short(opened: Store, path: Path) -> None:
    fill(opened)
    head = opened.position()
    with tampering(path) as db:
        db.execute("DELETE FROM ledger WHERE seq = 6")
    unaware, aware = opened.verify(), opened.verify(expect_head=head)
    assert unaware.broken is None, "the chain alone cannot know that there was a sixth entry"
    assert unaware.projections == ("policy",), "the tables still remember it, until they are cut as well"
    assert aware.broken == ledger.Break(6, "shorter")
    opened.rebuild()
    assert opened.verify().ok
    assert not opened.verify(expect_head=head).ok


def test_only_a_known_head_shows_a_ledger_written_anew(opened: Store, path: Path) -> None:
    fill(opened)
    head, early = opened.position(), opened.position_at(2)
    with tampering(path) as db:
        rehash(db, 3, body='{"id":"P-3","title":"forged"}')
        for seq in (4, 5, 6):
            rehash(db, seq)
    opened.rebuild()
    assert opened.verify().ok
    assert opened.verify(expect_head=early).ok, "what came before the known head is as it was"
    assert opened.verify(expect_head=head).broken == ledger.Break(6, "rewritten")


@pytest.mark.parametrize(
    "body",
    [
        '{"title": "a","id":"P-3"}',
        '{"id":"P-3","id":"P-3"}',
        '{"id":"P-4"}',
        '{"id":"P-3","x":NaN}',
        '{"id":"P-3","x":1.5}',
        '{"id":"P-3","x":null}',
        '{"id":"P-3","x":["y"]}',
        '{"id":"P-3","x":9223372036854775808}',
        "{}",
        "[]",
        "{",
        "[" * 100_000,
    ],
    ids=range(12),
)
def test_an_entry_that_is_no_canonical_body_is_unreadable(opened: Store, path: Path, body: str) -> None:
    fill(opened, 3)
    with tampering(path) as db:
        rehash(db, 3, body=body)
    assert opened.verify().broken == ledger.Break(3, "unreadable")


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE policy SET title = 'forged' WHERE _seq = 3",
        "UPDATE policy SET _until = 6 WHERE _seq = 3",
        "UPDATE policy SET commits = 1 WHERE _seq = 3",
        "UPDATE policy SET title = CAST(title AS BLOB) WHERE _seq = 3",
        "UPDATE policy SET title = CAST(x'ff' AS TEXT) WHERE _seq = 3",
        "DELETE FROM policy WHERE _seq = 6",
        "INSERT INTO policy (organisation, id, _seq) VALUES ('org', 'forged', 7)",
        DROP_TITLE,
        "DROP INDEX policy_current",
        "DROP TABLE policy",
        "DROP TABLE policy; CREATE VIEW policy AS SELECT 'org' AS organisation, 'x' AS id, NULL AS _until",
    ],
)
def test_altered_tables_are_found_and_mended(opened: Store, path: Path, statement: str) -> None:
    fill(opened)
    before = dump(path)
    with closing(sqlite3.connect(path)) as db:
        db.executescript(statement)
    found = opened.verify()
    assert found.broken is None
    assert found.projections == ("policy",)
    assert not found.ok
    opened.rebuild()
    assert opened.verify().ok
    assert dump(path) == before


@pytest.mark.parametrize(
    ("shape", "statement"),
    [
        ({**KINDS, "policy": {"id": "text"}}, "SELECT 1"),
        ({**KINDS, "policy": {**KINDS["policy"], "title": "integer"}}, "SELECT 1"),
        ({**KINDS, "policy": {k: v for k, v in KINDS["policy"].items() if k != "title"}}, DROP_TITLE),
        ({"meter": KINDS["meter"]}, "DROP TABLE policy"),
    ],
    ids=range(4),
)
def test_what_meta_hides_from_the_store_is_found(
    opened: Store, path: Path, shape: Mapping[str, Mapping[str, str]], statement: str
) -> None:
    """Without a column's name in meta its values would read as unknown, and a rebuild would lose them."""
    fill(opened)
    with tampering(path) as db:
        db.execute("UPDATE meta SET value = ? WHERE key = 'columns'", (json.dumps(shape),))
        db.execute(statement)
    with Store.open(path) as other:
        assert other.verify().projections == ("policy",)


def test_rebuilding_changes_no_byte_of_any_table(opened: Store, path: Path) -> None:
    fill(opened, 20)
    commit(opened, put("m", "meter", **METER), withdraw("P-1"), organisation="org")
    before = dump(path)
    opened.rebuild()
    assert dump(path) == before
    with tampering(path) as db:
        for kind in KINDS:
            db.execute(f"DROP TABLE {kind}")
    opened.rebuild()
    assert dump(path) == before


def test_missing_and_foreign_triggers_are_found(opened: Store, path: Path) -> None:
    with closing(sqlite3.connect(path)) as db:
        db.execute("DROP TRIGGER ledger_keeps_all")
        db.execute(
            "CREATE TRIGGER extra AFTER INSERT ON policy BEGIN DELETE FROM policy WHERE id = new.id; END"
        )
    found = opened.verify()
    assert found.triggers == ("extra", "ledger_keeps_all")
    assert [bool(found.problems(lang)) for lang in LANGUAGES] == [True, True]


def test_attachments_are_kept_and_checked(opened: Store, path: Path) -> None:
    document = Attachment("方针.pdf", "application/pdf", b"\x00\xff" * 1000)
    commit(opened, put("P-1", document=document.sha256), attachments=[document, document])
    commit(opened, attachments=[Attachment("again", "text/plain", document.content)])
    found = opened.attachment(document.sha256)
    assert found == document
    assert found.size == 2000
    assert opened.attachment("0" * 64) is None
    assert opened.verify().ok
    with tampering(path) as db:
        db.execute("UPDATE attachment SET content = x'00'")
    refused("store.attachment_altered", lambda: opened.attachment(document.sha256))
    assert document.sha256 in opened.verify().attachments[0]
    with tampering(path) as db:
        db.execute("DELETE FROM attachment")
    verification = opened.verify()
    assert verification.missing == (document.sha256,)
    assert document.sha256 in verification.problems("en")[0]


def test_a_document_that_is_too_big_is_refused(opened: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store, "ATTACHMENT_BYTES", 3)
    commit(opened, attachments=[Attachment("three", "text/plain", b"abc")])
    refused(
        "store.attachment_too_big", lambda: commit(opened, attachments=[Attachment("four", "t/p", b"abcd")])
    )


def test_damage_is_told_not_read_over(opened: Store, path: Path) -> None:
    """Whichever page is overwritten: the store is refused or verification says so."""
    fill(opened, 40)
    opened.close()
    sound = path.read_bytes()
    for page in range(len(sound) // 4096):
        path.write_bytes(sound[: page * 4096] + b"\xa5" * 4096 + sound[(page + 1) * 4096 :])
        assert refused_or_unsound(path), f"page {page}"


def refused_or_unsound(path: Path) -> bool:
    try:
        with Store.open(path) as damaged:
            return not damaged.verify().ok
    except StoreError as error:
        return bool(error.text("zh"))


# Migration


def test_new_kinds_and_columns_are_added_when_opened_for_writing(
    opened: Store, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(opened)
    newer: Mapping[str, Any] = {
        "audit": {"id": "text", "on": "date"},
        "policy": {"id": "text", "owner": "text", **KINDS["policy"]},
        "meter": KINDS["meter"],
    }
    monkeypatch.setattr(store, "declared_kinds", lambda: (newer, "newer"))
    with Store.open(path) as reading:
        assert reading.rows("policy", "org", ["id", "owner"])[0] == ("P-0", None)
        assert reading.rows("audit", "org", ["on"]) == []
    with Store.open(path, write=True) as writing:
        assert writing.shape == newer
        assert writing.kinds_digest == "newer"
        commit(writing, put("A", "audit", on="2026-01-01"), put("P-1", owner="someone"))
        assert writing.rows("audit", "org", ["on"]) == [("2026-01-01",)]
        assert writing.rows("policy", "org", ["title"], known=6) == [(f"title {n}",) for n in (4, 5, 6, 3)]
        assert writing.verify().ok
        before = dump(path)
        writing.rebuild()
        assert dump(path) == before


def test_older_software_keeps_what_it_does_not_know(
    opened: Store, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    commit(opened, put("m", "meter", **METER), put("P-1", title="a", commits=True))
    older = {"policy": {"id": "text", "title": "text"}}
    monkeypatch.setattr(store, "declared_kinds", lambda: (older, "older"))
    with Store.open(path, write=True) as writing:
        assert writing.shape == KINDS
        assert writing.records("meter", "org") == [{**METER, "id": "m"}]
        assert writing.rows("policy", "org", ["commits"]) == [(1,)]
        assert writing.verify().ok


def test_a_column_of_another_type_is_refused(
    opened: Store, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = {"meter": {"id": "text", "factor": "integer"}}
    monkeypatch.setattr(store, "declared_kinds", lambda: (other, "other"))
    error = refused("store.type_changed", lambda: Store.open(path, write=True))
    assert (error.fields["found"], error.fields["allowed"]) == ("decimal", "integer")
    with Store.open(path) as reading:
        assert reading.rows("meter", "org", ["factor"]) == []


def test_migration_stops_at_a_broken_chain(
    opened: Store, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(opened)
    with tampering(path) as db:
        db.execute("UPDATE ledger SET actor = 'x' WHERE seq = 4")
    before = path.read_bytes()
    monkeypatch.setattr(store, "declared_kinds", lambda: ({**KINDS, "audit": {"id": "text"}}, "newer"))
    assert refused("store.broken", lambda: Store.open(path, write=True)).fields["seq"] == 4
    assert path.read_bytes() == before


def test_the_real_kinds_make_a_store(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    shape, digest = store.declared_kinds()
    with Store.create(path) as created:
        assert created.shape == shape
        assert created.kinds_digest == digest
        assert "policy" in shape
        assert all("id" in columns for columns in shape.values())
        assert created.verify().ok


# Disks and other programs


def large(opened: Store) -> None:
    commit(opened, *(put(f"N-{n}", title="x" * 500) for n in range(2000)))


def test_a_full_disk_writes_nothing(opened: Store, path: Path) -> None:
    fill(opened)
    head, before = opened.position(), dump(path)
    opened._db.execute("PRAGMA max_page_count = 40")
    refused("store.disk_full", lambda: large(opened))
    assert opened.position() == head
    assert dump(path) == before
    opened._db.execute("PRAGMA max_page_count = 1000000")
    large(opened)
    assert opened.verify(expect_head=opened.position()).ok


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A small disk of its own, where the tests may mount one."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted = sys.platform == "linux" and mount("-t", "tmpfs", "-o", "size=400k", "tmpfs", folder)
    if not mounted:
        pytest.skip("no leave to mount a disk")
    yield folder
    subprocess.run(["umount", "-l", folder], check=True)


def mount(*words: str | Path) -> bool:
    try:
        return subprocess.run(["mount", *words], capture_output=True, check=False).returncode == 0
    except OSError:
        return False


def test_a_really_full_disk_writes_nothing(disk: Path) -> None:
    path = disk / "e.shall"
    with Store.create(path) as created:
        fill(created)
        head, before = created.position(), dump(path)
        refused("store.disk_full", lambda: large(created))
        assert created.position() == head
        assert dump(path) == before
        assert created.verify(expect_head=head).ok
        (disk / "rest").write_bytes(b"x" * (os.statvfs(disk).f_bavail * 4096))
        refused("store.disk_full", lambda: Store.create(disk / "second.shall"))
        assert sorted(p.name for p in disk.iterdir()) == ["e.shall", "rest"]


def test_a_read_only_disk_can_be_read(disk: Path) -> None:
    path = disk / "e.shall"
    with Store.create(path) as created:
        fill(created)
    assert mount("-o", "remount,ro", disk)
    with Store.open(path) as reading:
        assert reading.position()[0] == 6
        assert reading.rows("policy", "org", ["id"])
        assert reading.verify().ok
    refused("store.read_only", lambda: Store.open(path, write=True))
    refused("store.cannot_open", lambda: Store.create(disk / "new.shall"))


def test_a_disk_that_turns_read_only_writes_nothing(disk: Path) -> None:
    path = disk / "e.shall"
    Store.create(path).close()
    reading = database._connect(path, write=False)
    writer = Store(path, reading, write=True)
    refused("store.read_only", lambda: commit(writer, put("a", title="1")))
    assert writer.position() == START
    writer.close()


def test_an_interrupted_write_on_a_read_only_disk_is_not_read_over(disk: Path) -> None:
    path = disk / "e.shall"
    Store.create(path).close()
    writer = Path(__file__).with_name("kill_writer.py")
    subprocess.run([sys.executable, writer, path, "spill"], check=False)
    assert path.with_name("e.shall-journal").exists()
    assert mount("-o", "remount,ro", disk)
    refused("store.interrupted", lambda: Store.open(path))


def test_a_store_opened_for_reading_writes_nothing(opened: Store, path: Path) -> None:
    with Store.open(path) as reading:
        refused("store.opened_for_reading", lambda: commit(reading, put("a", title="1")))
        refused("store.opened_for_reading", reading.rebuild)


def test_another_writer_is_waited_for_then_told(
    opened: Store, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "WAIT_SECONDS", 0.05)
    with (
        closing(sqlite3.connect(path, isolation_level=None)) as other,
        Store.open(path, write=True) as writing,
    ):
        other.execute("BEGIN IMMEDIATE")
        refused("store.busy", lambda: commit(writing, put("a", title="1")))
        assert writing.position() == START
        other.execute("ROLLBACK")
        assert commit(writing, put("a", title="1")) == Counts(new=1)


def test_two_writers_take_turns(opened: Store, path: Path) -> None:
    with Store.open(path, write=True) as second:
        for number in range(6):
            commit((opened, second)[number % 2], put(f"P-{number}", title="x"))
        assert second.position()[0] == 6
        assert second.verify(expect_head=opened.position()).ok


# Texts, and the store against a plain reading of it


def test_every_text_exists_in_both_languages_with_the_same_fields() -> None:
    texts = area("store")
    assert texts
    for key, said in texts.items():
        assert list(said) == list(LANGUAGES), key
        fields = [{f for _, f, _, _ in string.Formatter().parse(said[lang]) if f} for lang in LANGUAGES]
        assert fields[0] == fields[1], key


RECORDS = st.sampled_from(["a", "b", "碳"])
TITLES = st.sampled_from(["x", "y", "\u0301é", '"\\', "a" * 300])
STEPS = st.lists(
    st.dictionaries(st.tuples(st.sampled_from(["org", "机构"]), RECORDS), st.none() | TITLES, max_size=4),
    max_size=8,
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(STEPS)
def test_the_store_is_what_a_plain_reading_says(tmp_path_factory: pytest.TempPathFactory, steps: Any) -> None:
    path = tmp_path_factory.mktemp("plain") / "e.shall"
    standing: dict[tuple[str, str], str] = {}
    ever: set[tuple[str, str]] = set()
    states = [(0, dict(standing))]
    with Store.create(path) as opened:
        for step in steps:
            for (organisation, record), title in step.items():
                if title is None and (organisation, record) not in ever:
                    continue
                change = withdraw(record) if title is None else put(record, title=title)
                commit(opened, change, organisation=organisation)
                standing.pop((organisation, record), None)
                if title is not None:
                    standing[organisation, record] = title
                    ever.add((organisation, record))
                states.append((opened.position()[0], dict(standing)))
        before = dump(path)
        opened.rebuild()
        assert dump(path) == before
        assert opened.verify(expect_head=opened.position()).ok
        for known, state in states:
            for organisation in ("org", "机构"):
                expected = sorted((r, t) for (o, r), t in state.items() if o == organisation)
                assert opened.rows("policy", organisation, ["id", "title"], known=known) == expected
