"""What was said comes back, to its own user only, and no file can do harm."""

import stat
from pathlib import Path

from tui.prompt.history import MOST, Entry, History


def test_what_was_said_comes_back_in_order_and_the_draft_at_last(tmp_path: Path) -> None:
    History(tmp_path / "said.jsonl").add(Entry("first"))
    history = History(tmp_path / "said.jsonl")
    second = Entry("see [pasted 9 lines]", {"[pasted 9 lines]": "a\n" * 9})
    history.add(second)
    history.add(second)
    again = History(tmp_path / "said.jsonl")
    assert again.earlier(Entry("draft")) == second
    assert again.earlier(second) == Entry("first")
    assert again.earlier(Entry("first")) is None
    assert again.later() == second
    assert again.later() == Entry("draft")
    assert again.later() is None


def test_what_is_said_in_another_terminal_comes_back_too(tmp_path: Path) -> None:
    here, there = History(tmp_path / "said.jsonl"), History(tmp_path / "said.jsonl")
    here.add(Entry("here"))
    there.add(Entry("there"))
    assert [here.earlier(Entry("")), here.earlier(Entry(""))] == [Entry("there"), Entry("here")]


def test_only_its_user_may_read_it(tmp_path: Path) -> None:
    file = tmp_path / "tui" / "said.jsonl"
    History(file).add(Entry("secret"))
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700


def test_it_does_not_grow_without_bound(tmp_path: Path) -> None:
    file = tmp_path / "said.jsonl"
    history = History(file)
    for number in range(60):
        history.add(Entry(f"{number} " + "x" * 90_000))
    assert file.stat().st_size < 3_000_000
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert [one.name for one in tmp_path.iterdir()] == ["said.jsonl"]
    newest = History(file).earlier(Entry(""))
    assert newest is not None and newest.text.startswith("59 ")
    file.write_text('{"text": "x", "pasted": {}}\n' * (MOST + 9))
    again = History(file)
    assert sum(again.earlier(Entry("")) is not None for _ in range(MOST + 9)) == MOST


def test_a_file_that_others_wrote_brings_nothing_that_a_terminal_acts_on(tmp_path: Path) -> None:
    file = tmp_path / "said.jsonl"
    rows = [
        '{"text": "a\\u001b]52;c;x\\u0007b", "pasted": {}}',
        "no json",
        "[1]",
        "{}",
        '{"text": 1, "pasted": 2}',
    ]
    file.write_bytes("\n".join(rows).encode() + b"\n\xff\xfe\n")
    found = History(file).earlier(Entry(""))
    assert found == Entry("a\\x1b]52;c;x\\x07b")


def test_a_place_that_cannot_be_written_to_loses_nothing_else(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    history = History(tmp_path / "file" / "said.jsonl")
    history.add(Entry("said"))
    assert history.earlier(Entry("")) == Entry("said")
    (tmp_path / "target").write_text("")
    (tmp_path / "link").symlink_to("target")
    History(tmp_path / "link").add(Entry("said"))
    assert (tmp_path / "target").read_text() == ""
