"""Search, symbols, references and reading show the working tree, whatever the index of the base knows."""

import re
from dataclasses import replace

import pytest

from agent.repo.tree import SYMLINK, Entry
from agent.tools.overlay import extracted, worded
from tests.tools.conftest import Laid
from tests.tools.table import SHOP, Table, asked

MOVED = (
    SHOP["shop/cart.py"].replace('"""A cart."""\n', '"""A cart."""\n\nVAT = 1\n').replace("total", "sum_up")
)
ADDED = """\
from shop.cart import Cart


def rebate_for_loyal_customers(cart: Cart):
    return cart.sum_up() / 10
"""


@pytest.fixture
def edited(table: Table) -> Table:
    """Return the shop after a method was renamed, a file added and one removed."""
    table.write({"shop/cart.py": MOVED, "shop/rebate.py": ADDED, "shop/tax.py": None})
    return table


def test_search_finds_a_place_by_what_it_is_about(table: Table) -> None:
    first = table.call("search", query="total of the cart").text.splitlines()[1]
    assert first == "shop/cart.py:13-15 method Cart.total: def total(self)"


def test_search_shows_places_where_edits_have_moved_them_and_not_those_that_are_gone(edited: Table) -> None:
    found = edited.call("search", query="class Cart add price gross").text
    assert "shop/cart.py:12-13 method Cart.add" in found
    assert "tax.py" not in found
    assert "Cart.total" not in found


def test_search_looks_into_files_that_edits_have_added(edited: Table) -> None:
    found = edited.call("search", query="rebate for loyal customers").text
    assert "In files changed since the base:\nshop/rebate.py:4-5 function rebate_for_loyal_customers" in found


def test_many_changed_files_are_read_once_however_often_is_asked(table: Table) -> None:
    table.write({f"shop/new_{number}.py": f"def sell_{number}():\n    pass\n" for number in range(100)})
    for _ in range(2):
        before = extracted.cache_info().misses, worded.cache_info().misses
        assert "shop/new_99.py" in table.call("search", query="sell_99").text
        assert "shop/new_7.py:1-2" in table.call("symbols", target="sell_7").text
        assert "No use" in table.call("references", name="sell_7").text
        after = extracted.cache_info().misses, worded.cache_info().misses
    assert before == after


def test_an_exact_text_is_found_line_by_line_as_it_is_now(edited: Table) -> None:
    found = edited.call("search", query="sum_up()", exact=True).text
    assert "shop/rebate.py:5: return cart.sum_up() / 10" in found
    assert "Nothing was found." in edited.call("search", query="cart.total() *", exact=True).text
    assert (
        "tests/test_cart.py:7: assert cart.total() == 6"
        in edited.call("search", query="l() == 6", exact=True).text
    )


def test_a_question_that_finds_nothing_says_so(table: Table) -> None:
    assert table.call("search", query="zzzzqqq", exact=True).text == "Nothing was found."
    assert table.call("search", query="  \n").refused


def test_symbols_of_a_file_are_those_it_has_now(edited: Table) -> None:
    lines = edited.call("symbols", target="./shop/cart.py").text.splitlines()[1:-1]
    assert lines == [
        "3-3 variable VAT: VAT = 1",
        "6-17 class Cart: class Cart",
        "  9-10 method Cart.__init__: def __init__(self)",
        "  12-13 method Cart.add: def add(self, price, count=1)",
        "  15-17 method Cart.sum_up: def sum_up(self)",
    ]


def test_symbols_of_a_name_are_found_in_all_files(edited: Table) -> None:
    assert "shop/cart.py:15-17 method Cart.sum_up" in edited.call("symbols", target="Cart.sum_up").text
    assert "shop/rebate.py:4-5" in edited.call("symbols", target="rebate_for_loyal_customers").text
    assert edited.call("symbols", target="Cart.total").refused
    assert edited.call("symbols", target="gross").refused


def test_symbols_of_a_folder_are_the_outer_ones(edited: Table) -> None:
    found = edited.call("symbols", target="shop/").text
    assert "shop/rebate.py:4-5 function" in found
    assert "tax" not in found
    assert "Cart.add" not in found


def test_a_name_that_several_definitions_have_shows_all_of_them(lay_out: Laid) -> None:
    table = lay_out({"a.py": "def run(): pass\n", "b.py": "class A:\n    def run(self): pass\n"})
    assert re.findall(r"^\S+ \w+ [\w.]+:", table.call("symbols", target="run").text, re.MULTILINE) == [
        "a.py:1-1 function run:",
        "b.py:2-2 method A.run:",
    ]


def test_a_name_that_is_not_there_brings_names_that_contain_it(table: Table) -> None:
    found = table.call("symbols", target="empty_cart")
    assert found.refused
    assert "test_an_empty_cart_costs_nothing" in found.text


def test_references_are_those_of_the_working_tree(edited: Table) -> None:
    found = edited.call("references", name="sum_up").text
    assert "shop/rebate.py:5 in rebate_for_loyal_customers: return cart.sum_up() / 10" in found
    uses = edited.call("references", name="Cart.total").text
    assert "tests/test_cart.py:7 in test_total_counts_every_item: assert cart.total() == 6" in uses
    assert "tax.py" not in uses


def test_references_leave_out_strings_comments_and_definitions(edited: Table) -> None:
    edited.write({"shop/more.py": '# sum_up\ndef sum_up():\n    "sum_up"\n    return x.sum_up\n'})
    found = edited.call("references", name="sum_up").text
    assert re.findall(r"shop/more.py:(\d+)", found) == ["4"]


def test_callers_come_from_the_call_graph_and_from_changed_files(table: Table) -> None:
    assert "shop/tax.py:7 in gross" in table.call("references", name="Cart.total", callers=True).text
    table.write({"shop/tax.py": SHOP["shop/tax.py"] + "\n\ndef net(cart):\n    return cart.total()\n"})
    found = table.call("references", name="Cart.total", callers=True).text
    assert "shop/tax.py:11 in net (changed file: by name only): return cart.total()" in found


def test_lines_are_read_as_they_are_now_with_their_numbers(edited: Table) -> None:
    found = edited.call("read", path="shop/cart.py", start=15, end=16).text
    assert found.splitlines()[1:-1] == ["15\t    def sum_up(self):", "16\t        # the sum_up of all items"]
    assert edited.call("read", path="shop/tax.py").refused


def test_a_long_file_is_read_page_by_page(lay_out: Laid) -> None:
    table = lay_out({"long.txt": "".join(f"line {n}\n" for n in range(1, 1001))})
    first = table.call("read", path="long.txt").text
    assert "1\tline 1\n" in first
    assert first.endswith("Lines 1 to 400 of 1000; read on with start=401.")
    last = table.call("read", path="long.txt", start=801).text
    assert last.count("\n") == 201
    assert table.call("read", path="long.txt", start=1001).text == "There are 1000 lines only."
    assert table.call("read", path="long.txt", start=9, end=3).refused


def test_endless_lines_are_cut_and_say_so(lay_out: Laid) -> None:
    table = lay_out({"wide.txt": "x" * 50_000 + "\nend\n"})
    found = table.call("read", path="wide.txt").text
    assert len(found) < 3000
    assert "[48000 characters cut]" in found
    assert "2\tend" in found


@pytest.mark.parametrize(
    "path", ["../secret", "/etc/passwd", "shop/../../x", ".git/config", "\x00", "shop\\cart.py", "~root", "-"]
)
def test_what_is_outside_of_the_tree_cannot_be_named(table: Table, path: str) -> None:
    for tool, arguments in [("read", {"path": path}), ("symbols", {"target": path})]:
        found = table.call(tool, **arguments)
        assert found.refused
        assert "root:" not in found.text


def test_a_folder_is_listed_and_a_mistaken_path_is_met_with_the_right_one(table: Table) -> None:
    assert table.call("read", path="shop/").text.splitlines()[1:-1] == ["__init__.py", "cart.py", "tax.py"]
    assert table.call("read", path=".").text.splitlines()[1:-1] == ["README.md", "shop/", "tests/"]
    missing = table.call("read", path="src/cart.py")
    assert missing.refused
    assert "shop/cart.py" in missing.text


def test_links_binaries_and_empty_files_say_what_they_are(lay_out: Laid) -> None:
    table = lay_out({"data.bin": b"\0\1\2", "empty.py": "", "a.py": "x = 1\n"})
    link = Entry(SYMLINK, table.store.keep(b"/etc/passwd"))
    table.desk = replace(table.desk, tree=table.store.write(table.desk.tree, {"link": link}))
    assert "binary file of 3 bytes" in table.call("read", path="data.bin").text
    assert "\n1\t\n" in table.call("read", path="empty.py").text
    found = table.call("read", path="link").text
    assert found.startswith("A symbolic link, to:")
    assert "root:" not in found


def test_a_map_is_drawn_for_a_goal_and_names_what_changed_since(edited: Table) -> None:
    found = edited.call("repo_map", goal="the cart", tokens=400).text
    assert "def add(self, price, count=1)" in found
    assert "Changed since this map was drawn" in found


def test_reading_calls_of_one_answer_are_made_at_once_and_answered_in_order(edited: Table) -> None:
    calls = [
        asked("read", path="shop/cart.py", start=1, end=1),
        asked("search", query="cart"),
        asked("symbols", target="shop/cart.py"),
        asked("references", name="Cart"),
        asked("repo_map"),
    ] * 4
    found = edited.calls(*calls)
    assert [one.text for one in found[:5]] == [one.text for one in found[15:]]
    assert '1\t"""A cart."""' in found[0].text
    assert "VAT" in found[2].text
