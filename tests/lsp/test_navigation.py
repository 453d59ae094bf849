"""Symbols, references and calls of the daemon's index, at the places that the editor shows them at."""

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.daemon.daemon_process import PATIENCE, DaemonProcess, until
from tests.lsp.attached import Attached, attached

FILES = {
    "shop/basket.py": (
        '"""Ein Korb."""\n\n\nclass Basket:\n    @property\n    def total(self):\n'
        "        é = '😀'; return self.rate() * 2\n\n    def rate(self):\n        return 1\n"
    ),
    "tests/test_basket.py": (
        "from shop.basket import Basket\n\n\ndef test_total():\n    assert Basket().total == 2\n\n\n"
        "def test_rate():\n    assert Basket().rate() == 1\n"
    ),
}
EVERYTHING = {"symbols": True, "references": True, "calls": True}
TREES: dict[str, Any] = {
    "textDocument": {"documentSymbol": {"hierarchicalDocumentSymbolSupport": True}},
    "general": {"positionEncodings": ["utf-16"]},
}


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("navigation") / "shop"
    for path, content in FILES.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(content)
    environment = {**os.environ, "GIT_CONFIG_GLOBAL": os.devnull}
    for command in ("init -q", "add -A", "-c user.name=T -c user.email=t@example.org commit -q -m start"):
        subprocess.run(["git", *command.split()], cwd=root, env=environment, check=True)
    return root


@pytest.fixture(scope="module")
def editor(scripted: DaemonProcess, shop: Path) -> Iterator[Attached]:
    """An editor with the test and the basket open; the latter is edited and not saved."""
    with attached(scripted.state, shop, capabilities=TREES, **EVERYTHING) as one:
        uri = one.open("shop/basket.py")
        start = {"line": 2, "character": 0}
        one.editor.notify(
            "textDocument/didChange",
            textDocument={"uri": uri, "version": 2},
            contentChanges=[{"range": {"start": start, "end": start}, "text": "# one\n# more\n"}],
        )
        for _ in until(PATIENCE):
            if result(one, "workspace/symbol", query="Basket"):
                break
        yield one


def at(line: int, start: int, end: int) -> dict[str, Any]:
    return {"start": {"line": line, "character": start}, "end": {"line": line, "character": end}}


def here(editor: Attached, path: str, line: int, character: int) -> dict[str, Any]:
    return {
        "textDocument": {"uri": editor.uri(path)},
        "position": {"line": line, "character": character},
    }


def result(editor: Attached, method: str, **params: Any) -> Any:
    answer = editor.ask(method, **params)
    assert "result" in answer, answer
    return answer["result"]


def test_a_document_has_its_symbols_where_they_are_in_the_live_buffer(editor: Attached) -> None:
    document = {"uri": editor.uri("shop/basket.py")}
    found = result(editor, "textDocument/documentSymbol", textDocument=document)
    assert [one["name"] for one in found] == ["Basket"]
    assert found[0]["selectionRange"] == at(5, 6, 12)
    assert found[0]["range"]["end"] == {"line": 11, "character": 16}
    inside = [(one["name"], one["kind"], one["selectionRange"]) for one in found[0]["children"]]
    assert inside == [("total", 6, at(7, 8, 13)), ("rate", 6, at(10, 8, 12))]


def test_a_file_that_nobody_opened_and_one_that_is_none(editor: Attached) -> None:
    document = {"uri": editor.uri("tests/test_basket.py")}
    found = result(editor, "textDocument/documentSymbol", textDocument=document)
    assert [one["name"] for one in found] == ["test_total", "test_rate"]
    for uri in (editor.uri("none.py"), "untitled:1", "file:///none/x.py"):
        assert not result(editor, "textDocument/documentSymbol", textDocument={"uri": uri})


def test_the_workspace_is_searched_by_any_part_of_a_name(editor: Attached) -> None:
    found = result(editor, "workspace/symbol", query="ask")
    assert [(one["name"], one["location"]["range"]) for one in found] == [("Basket", at(5, 6, 12))]
    assert [one["name"] for one in result(editor, "workspace/symbol", query="TOT")] == ["total", "test_total"]
    assert not result(editor, "workspace/symbol", query="")
    assert not result(editor, "workspace/symbol", query="%")


def test_uses_are_found_from_any_place_of_a_name_also_behind_wide_characters(editor: Attached) -> None:
    asked = here(editor, "shop/basket.py", 10, 9)
    found = result(editor, "textDocument/references", context={"includeDeclaration": False}, **asked)
    places = {(one["uri"].rpartition("/")[2], str(one["range"])) for one in found}
    assert places == {
        ("basket.py", str(at(8, 30, 34))),
        ("test_basket.py", str(at(8, 20, 24))),
    }
    found = result(editor, "textDocument/references", context={"includeDeclaration": True}, **asked)
    assert len(found) == 3
    assert not result(
        editor,
        "textDocument/references",
        context={"includeDeclaration": True},
        **here(editor, "shop/basket.py", 400, 1),
    )


def test_calls_are_followed_both_ways(editor: Attached) -> None:
    (rate,) = result(editor, "textDocument/prepareCallHierarchy", **here(editor, "shop/basket.py", 10, 9))
    assert (rate["name"], rate["selectionRange"]) == ("rate", at(10, 8, 12))
    calls = result(editor, "callHierarchy/incomingCalls", item=rate)
    assert {one["from"]["name"]: one["fromRanges"] for one in calls} == {
        "total": [at(8, 30, 34)],
        "test_rate": [at(8, 20, 24)],
    }
    (total,) = [one["from"] for one in calls if one["from"]["name"] == "total"]
    (down,) = result(editor, "callHierarchy/outgoingCalls", item=total)
    assert (down["to"]["name"], down["fromRanges"]) == ("rate", [at(8, 30, 34)])


@pytest.mark.parametrize(
    "data", [None, 5, {}, {"repository": "/", "path": "x", "symbol": "y"}, {"repository": []}]
)
def test_an_item_that_is_not_ours_has_no_calls(editor: Attached, data: Any) -> None:
    item = {
        "name": "x",
        "kind": 12,
        "uri": "file:///x",
        "range": at(0, 0, 0),
        "selectionRange": at(0, 0, 0),
        "data": data,
    }
    assert not result(editor, "callHierarchy/incomingCalls", item=item)
    assert not result(editor, "callHierarchy/outgoingCalls", item=item)


def test_what_was_saved_or_changed_elsewhere_is_seen_at_once(editor: Attached) -> None:
    path = editor.root / "tests/test_basket.py"
    document = {"uri": path.as_uri()}
    assert len(result(editor, "textDocument/documentSymbol", textDocument=document)) == 2
    path.write_text("\n\n" + path.read_text())
    found = result(editor, "textDocument/documentSymbol", textDocument=document)
    assert found[0]["selectionRange"] == at(5, 4, 14)
    editor.open("tests/test_basket.py")
    path.write_text("def test_new():\n    pass\n\n\n" + path.read_text())
    asked = result(editor, "workspace/symbol", query="test_new")
    assert [one["name"] for one in asked] == ["test_new"]


def test_an_editor_without_trees_is_told_the_holder(scripted: DaemonProcess, shop: Path) -> None:
    with attached(scripted.state, shop, capabilities={}, symbols=True) as one:
        document = {"uri": one.uri("shop/basket.py")}
        found = result(one, "textDocument/documentSymbol", textDocument=document)
        assert [(sym["name"], sym.get("containerName")) for sym in found] == [
            ("Basket", None),
            ("total", "Basket"),
            ("rate", "Basket"),
        ]
        assert one.ask("textDocument/references", **here(one, "shop/basket.py", 8, 9), context={})["error"]


def test_what_is_switched_on_later_is_registered_and_taken_back(scripted: DaemonProcess, shop: Path) -> None:
    able = {
        "textDocument": {"references": {"dynamicRegistration": True}},
        "workspace": {"symbol": {"dynamicRegistration": False}},
    }
    with attached(scripted.state, shop, capabilities=able) as one:
        one.editor.notify("workspace/didChangeConfiguration", settings={"ratchet": EVERYTHING})
        registered = one.called("client/registerCapability", "references")
        one.reply(registered, None)
        assert registered["params"]["registrations"][0]["method"] == "textDocument/references"
        assert "started anew" in one.told("ratchet.symbols")
        asked = here(one, "shop/basket.py", 8, 9)
        assert result(one, "textDocument/references", context={"includeDeclaration": False}, **asked)
        one.editor.notify("workspace/didChangeConfiguration", settings={"ratchet": {"references": False}})
        assert one.called("client/unregisterCapability", "references")
        assert not result(one, "textDocument/references", context={"includeDeclaration": False}, **asked)
