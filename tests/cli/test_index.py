"""`ratchet index` as users and scripts meet it: one JSON object, plain lines, errors with a hint."""

import json
import os
import subprocess
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from agent.cli.main import main

FILES = {
    "shop/basket.py": (
        "class Basket:\n    def total(self):\n        return self.rate() * 2\n\n    def rate(self):\n"
        "        return 1\n"
    ),
    "shop/__init__.py": "",
    "tests/test_basket.py": (
        "from shop.basket import Basket\n\n\ndef test_total():\n    assert Basket().total() == 2\n"
    ),
}


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a committed repository, with the state directory beside it."""
    monkeypatch.setenv("RATCHET_STATE_DIR", str(tmp_path / "state"))
    root = tmp_path / "repository"
    for path, content in FILES.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(content)
    identity = ("-c", "user.name=Test", "-c", "user.email=test@example.org")
    for command in (["init", "-q"], ["add", "-A"], [*identity, "commit", "-q", "-m", "start"]):
        environment = {**os.environ, "GIT_CONFIG_GLOBAL": os.devnull}
        subprocess.run(["git", *command], cwd=root, env=environment, check=True)
    return root


def _run(repository: Path, *arguments: str, stdin: str | None = None) -> Result:
    return CliRunner().invoke(main, ["index", *arguments, "-C", str(repository)], input=stdin)


def _json(repository: Path, *arguments: str, stdin: str | None = None) -> dict:
    result = _run(repository, *arguments, "--json", stdin=stdin)
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def test_status_before_and_after_a_build(repository):
    assert _json(repository, "status")["fresh"] is False
    built = _json(repository, "build")
    status = _json(repository, "status")
    wanted = {"files", "symbols", "references", "bytes_source", "bytes_index", "languages", "fresh"}
    assert wanted <= status.keys()
    assert status["fresh"] is True and status["files"] == 3 and status["languages"] == {"python": 3}
    assert built["symbols"] == status["symbols"] == 4


def test_symbols_of_a_file_a_folder_a_name_and_all(repository):
    of_file = _json(repository, "symbols", "shop/basket.py")["symbols"]
    assert [row["symbol"] for row in of_file] == ["Basket", "Basket.total", "Basket.rate"]
    assert (of_file[1]["start"], of_file[1]["end"], of_file[1]["kind"]) == (2, 3, "method")
    assert _json(repository, "symbols", "shop/")["symbols"] == of_file
    assert _json(repository, "symbols", "Basket.total")["symbols"] == [of_file[1]]
    assert len(_json(repository, "symbols")["symbols"]) == 4
    assert len(_json(repository, "symbols", "--limit", "2")["symbols"]) == 2


def test_callers_and_references(repository):
    callers = _json(repository, "callers", "Basket")["callers"]
    assert [(row["path"], row["line"], row["symbol"], row["confidence"]) for row in callers] == [
        ("tests/test_basket.py", 5, "test_total", 1.0)
    ]
    references = _json(repository, "refs", "Basket")["references"]
    assert [(row["path"], row["line"], row["column"]) for row in references] == [
        ("tests/test_basket.py", 1, 25),
        ("tests/test_basket.py", 5, 12),
    ]


def test_search_takes_a_whole_issue_from_standard_input(repository):
    (best, *_) = _json(repository, "search", "-", stdin="The basket's rate is wrong.\n" * 50)["hits"]
    assert {"path", "start", "end", "symbol", "score", "why"} <= best.keys()
    assert best["path"] == "shop/basket.py"


def test_map_and_impact(repository):
    drawn = _json(repository, "map", "--tokens", "200", "--for", "basket total")
    assert "class Basket" in drawn["map"] and drawn["tokens"] <= 200
    tests = _json(repository, "impact", "shop/basket.py")["tests"]
    assert "tests/test_basket.py" in {row["path"] for row in tests}


def test_a_revision_is_asked_as_it_was(repository):
    (repository / "shop" / "basket.py").write_text("def other(): pass\n")
    assert [row["symbol"] for row in _json(repository, "symbols", "other")["symbols"]] == ["other"]
    assert _json(repository, "symbols", "other", "--rev", "HEAD")["symbols"] == []


def test_people_get_one_line_for_each_answer(repository):
    result = _run(repository, "symbols", "total")
    assert result.stdout == "shop/basket.py:2: method Basket.total def total(self)\n"
    assert "fresh: True" in _run(repository, "build").stdout


def test_what_does_not_exist_ends_with_a_hint(repository, tmp_path):
    result = _run(repository, "symbols", "--rev", "nowhere")
    assert result.exit_code == 2 and "not a commit" in result.stderr and "hint" in result.stderr
    assert _run(tmp_path, "status").exit_code == 2
    assert _json(repository, "callers", "nobody") == {"callers": []}


def test_a_damaged_index_is_removed_with_a_hint(repository, tmp_path):
    _json(repository, "build")
    (file,) = (tmp_path / "state").glob("repositories/*/index.db")
    content = bytearray(file.read_bytes())
    for place in range(4096, len(content), 32):
        content[place] ^= 0xFF
    file.write_bytes(content)
    codes = [_run(repository, "symbols", "Basket", "--json").exit_code for _ in range(2)]
    assert codes[1] == 0 and codes[0] in (0, 2)
