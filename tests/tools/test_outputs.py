"""Long answers show their ends, and the rest can be read by a handle that outlives the process."""

import re
from dataclasses import replace
from pathlib import Path

from agent.repo.store import Store
from agent.tools.outputs import MOST, capped, kept
from agent.tools.report import Report
from tests.tools.conftest import Laid
from tests.tools.table import Table

LONG = "\n".join(f"line {n} {'.' * 40}" for n in range(1, 2001))


def shown(table: Table, text: str) -> str:
    """Return material as a tool would show it."""
    return Report(table.desk).show(text, "stdout").outcome().text


def test_a_short_text_is_shown_as_it_is(table: Table) -> None:
    assert capped(table.store, "short") == ("short", "")


def test_a_long_text_shows_head_and_tail_and_says_what_is_left_out(table: Table) -> None:
    text = shown(table, LONG)
    assert len(text) < MOST + 1000
    assert "line 1 ..." in text
    assert "line 2000 ..." in text
    found = re.search(
        r"Left out: lines (\d+) to (\d+) of 2000. To read them: `read` (output:[0-9a-f]{16}:\1)$", text
    )
    assert found is not None
    assert f"line {found[1]} " not in text


def test_the_rest_is_read_by_its_handle_page_by_page(table: Table) -> None:
    handle, line = re.search(r"`read` (output:\w+):(\d+)", shown(table, LONG)).groups()  # type: ignore[union-attr]
    seen: set[int] = set()
    first = int(line)
    page = table.call("read", path=f"{handle}:{line}").text
    while True:
        seen.update(int(number) for number in re.findall(r"^\d+\tline (\d+) ", page, re.MULTILINE))
        further = re.search(r"start=(\d+)\.$", page)
        if further is None:
            break
        page = table.call("read", path=handle, start=int(further[1])).text
    assert seen == set(range(first, 2001))


def test_a_handle_can_be_read_by_a_later_process(lay_out: Laid, tmp_path: Path) -> None:
    table = lay_out({"a.py": "x = 1\n"})
    handle = re.search(r"output:\w+:\d+", shown(table, LONG)).group()  # type: ignore[union-attr]
    again = Store.open(table.store.root, tmp_path / "state")
    table.desk = replace(table.desk, store=again)
    assert "line 500 " in table.call("read", path=handle, start=500).text


def test_one_endless_line_can_be_read_to_its_end(table: Table) -> None:
    text = shown(table, "x" * 30_000 + "END")
    assert text.count("END") == 1
    handle = re.search(r"output:\w+", text).group()  # type: ignore[union-attr]
    lines, _ = kept(table.store, handle)
    assert "".join(lines) == "x" * 30_000 + "END"


def test_no_other_object_can_be_read_by_a_handle(table: Table) -> None:
    blob = table.store.list(table.desk.base)["shop/cart.py"].blob
    wrong = [
        f"output:{blob}",
        f"output:{blob[:16]}:1",
        f"output:{table.desk.tree}",
        "output:",
        "output:HEAD:1",
    ]
    for handle in [*wrong, f"output:{'0' * 40}", "output:../../x"]:
        assert table.call("read", path=handle).refused


def test_what_is_kept_was_made_safe_before(table: Table) -> None:
    secret = "ghp_a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8"
    text = shown(table, LONG.replace("line 1000 ", f"token {secret}\u202e "))
    handle = re.search(r"output:\w+", text).group()  # type: ignore[union-attr]
    lines, _ = kept(table.store, handle)
    assert not any(secret in line or "\u202e" in line for line in lines)
