"""Edits make a new tree, all of them or none, and leave a file that parsed parsing."""

from dataclasses import replace

import pytest

from agent.protocol.model import EditFormat
from agent.repo.tree import SYMLINK, Entry
from tests.tools.conftest import Laid
from tests.tools.table import SHOP, Table, asked

FIX = (
    "shop/cart.py\n<<<<<<< SEARCH\n        return sum(price for price, count in self.items)\n=======\n"
    "        return sum(price * count for price, count in self.items)\n>>>>>>> REPLACE\n"
)


def block(path: str, old: str, new: str) -> str:
    """Return a search/replace block."""
    return f"{path}\n<<<<<<< SEARCH\n{old}=======\n{new}>>>>>>> REPLACE\n"


def test_an_edit_makes_a_new_tree_and_says_where_the_new_text_is(table: Table) -> None:
    before = table.desk.tree
    outcome = table.call("edit", edits=FIX)
    assert outcome.tree == table.desk.tree != before
    assert "shop/cart.py: changed, new text now at lines 15" in outcome.text
    assert table.text("shop/cart.py") == SHOP["shop/cart.py"].replace(
        "sum(price for", "sum(price * count for"
    )
    assert table.store.changed(before, table.desk.tree) == ("shop/cart.py",)


@pytest.mark.parametrize("format", EditFormat)
def test_every_format_can_make_the_same_edit(table: Table, format: EditFormat) -> None:
    old, new = "price for price", "price * count for price"
    whole = SHOP["shop/cart.py"].replace(old, new)
    line = "        return sum(price for price, count in self.items)"
    texts = {
        EditFormat.SEARCH_REPLACE: FIX,
        EditFormat.UNIFIED_DIFF: (
            "--- a/shop/cart.py\n+++ b/shop/cart.py\n@@ -13,3 +13,3 @@\n     def total(self):\n"
            f"         # the total of all items\n-{line}\n+{line.replace(old, new)}\n"
        ),
        EditFormat.V4A: (
            "*** Begin Patch\n*** Update File: shop/cart.py\n@@ def total(self):\n"
            f"-{line}\n+{line.replace(old, new)}\n*** End Patch\n"
        ),
        EditFormat.WHOLE_FILE: f"shop/cart.py\n```python\n{whole}```\n",
        EditFormat.SYMBOL: (
            "shop/cart.py::Cart.total\n```python\n    def total(self):\n        # the total of all items\n"
            f"{line.replace(old, new)}\n```\n"
        ),
    }
    table.desk = replace(table.desk, edit_format=format)
    outcome = table.call("edit", edits=texts[format])
    assert not outcome.refused, outcome.text
    assert table.text("shop/cart.py") == whole


@pytest.mark.parametrize(
    "edits",
    [
        block("shop/cart.py", "        return 1\n", "        return 2\n"),
        block("shop/cart.py", "\n", "x = 1\n"),
        FIX + block("shop/none.py", "a\n", "b\n"),
        FIX + block("shop/tax.py", "RATE = 0.3\n", "RATE = 0.2\n"),
        FIX + block("../out.py", "", "x = 1\n"),
        FIX + block(".git/hooks/pre-commit", "", "#!/bin/sh\n"),
        FIX + block("shop/.GIT/config", "", "x\n"),
        FIX + block("/etc/passwd", "", "x\n"),
        FIX + block("shop/cart.py/x.py", "", "x = 1\n"),
        FIX + block("shop", "", "x = 1\n"),
        "nothing that is an edit",
        block("shop/cart.py", "    def total(self):\n", "    def total(self:\n"),
        FIX + block("shop/tax.py", "RATE = 0.2\n", "RATE = = 0.2\n"),
    ],
)
def test_when_one_edit_does_not_fit_nothing_is_changed(table: Table, edits: str) -> None:
    before = table.desk.tree
    outcome = table.call("edit", edits=edits)
    assert outcome.refused
    assert outcome.tree is None
    assert table.desk.tree == before
    assert outcome.text.startswith("Nothing was changed")


def test_a_stale_anchor_is_refused_with_the_fresh_text(table: Table) -> None:
    table.call("edit", edits=FIX)
    outcome = table.call("edit", edits=FIX)
    assert outcome.refused
    assert "return sum(price * count for price, count in self.items)" in outcome.text


def test_an_ambiguous_anchor_is_refused_with_its_places(lay_out: Laid) -> None:
    table = lay_out({"a.py": "x = 1\ny = 2\nx = 1\n"})
    outcome = table.call("edit", edits=block("a.py", "x = 1\n", "x = 3\n"))
    assert outcome.refused
    assert "2 times (at lines 1, 3)" in outcome.text


def test_an_edit_that_breaks_the_syntax_is_refused_with_the_place(table: Table) -> None:
    outcome = table.call(
        "edit", edits=block("shop/cart.py", "    def total(self):\n", "    def total(self)\n"), unchecked=True
    )
    assert outcome.refused
    assert "shop/cart.py:13: expected ':'" in outcome.text
    assert "13\t    def total(self)\n" in outcome.text


def test_a_file_that_did_not_parse_before_may_be_mended_step_by_step(lay_out: Laid) -> None:
    table = lay_out({"a.py": "def f(:\n    pass\n\ndef g(:\n    pass\n"})
    outcome = table.call("edit", edits=block("a.py", "def f(:\n", "def f():\n"))
    assert not outcome.refused
    assert "a.py:4:" in outcome.text


def test_where_the_grammar_can_be_wrong_the_model_may_insist(lay_out: Laid) -> None:
    table = lay_out({"a.c": "int f(void) { return 1; }\n"})
    edits = block("a.c", "int f(void) { return 1; }\n", "int f(void) { return FOREACH(x) { 1 ); }\n")
    refused = table.call("edit", edits=edits)
    assert refused.refused
    assert "unchecked=true" in refused.text
    assert not table.call("edit", edits=edits, unchecked=True).refused


def test_a_new_file_that_does_not_parse_is_made_and_said_to(table: Table) -> None:
    outcome = table.call("edit", edits=block("tests/data/broken.py", "", "def (:\n"))
    assert not outcome.refused
    assert "tests/data/broken.py:1:" in outcome.text


def test_edits_of_one_answer_build_on_one_another(table: Table) -> None:
    first, second, third = table.calls(
        asked("edit", edits=block("shop/tax.py", "RATE = 0.2\n", "RATE = 0.3\n")),
        asked("edit", edits=block("shop/tax.py", "RATE = 0.3\n", "RATE = 0.4\n")),
        asked("read", path="shop/tax.py", start=3, end=3),
    )
    assert (first.refused, second.refused) == (False, False)
    assert "3\tRATE = 0.4" in third.text


def test_a_secret_that_was_not_shown_cannot_be_overwritten_by_its_mark(lay_out: Laid) -> None:
    secret = "sk-proj-a1B2c3D4e5F6g7H8i9J0k1L2"
    table = lay_out({"conf.py": f'DEBUG = False\nKEY = "{secret}"\n'})
    shown = table.call("read", path="conf.py")
    assert secret not in shown.text
    assert shown.flags == ("conf.py: secret:model_key",)
    table.desk = replace(table.desk, edit_format=EditFormat.WHOLE_FILE)
    whole = 'conf.py\n```\nDEBUG = True\nKEY = "[redacted: model_key]"\n```\n'
    assert table.call("edit", edits=whole).refused
    table.desk = replace(table.desk, edit_format=EditFormat.SEARCH_REPLACE)
    assert not table.call("edit", edits=block("conf.py", "DEBUG = False\n", "DEBUG = True\n")).refused
    assert table.text("conf.py") == f'DEBUG = True\nKEY = "{secret}"\n'


def test_bytes_that_are_not_edited_stay_as_they_are(lay_out: Laid) -> None:
    content = b"\xef\xbb\xbfx = 1\r\ny = '\xe9'  \r\nz = 3\r\nlast = 4"
    table = lay_out({"odd.txt": content})
    assert not table.call("edit", edits=block("odd.txt", "z = 3\n", "z = 33\n")).refused
    assert table.store.read(table.desk.tree, "odd.txt") == content.replace(b"z = 3\r", b"z = 33\r")


def test_files_are_moved_deleted_and_created(table: Table) -> None:
    edits = "*** Move File: shop/tax.py -> shop/taxes.py\n*** Delete File: README.md\n" + block(
        "new.txt", "", "hello\n"
    )
    outcome = table.call("edit", edits=edits)
    assert not outcome.refused, outcome.text
    listed = table.store.list(table.desk.tree)
    assert {"shop/taxes.py", "new.txt"} <= listed.keys()
    assert not {"shop/tax.py", "README.md"} & listed.keys()


def test_a_link_is_not_followed_by_an_edit(table: Table) -> None:
    link = Entry(SYMLINK, table.store.keep(b"shop/tax.py"))
    tree = table.store.write(table.desk.tree, {"link.py": link})
    table.desk = replace(table.desk, tree=tree)
    for edits in (block("link.py", "RATE = 0.2\n", "RATE = 9\n"), block("link.py", "", "x = 1\n")):
        assert table.call("edit", edits=edits).refused
    assert table.desk.tree == tree
