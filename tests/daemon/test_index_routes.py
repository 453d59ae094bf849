"""The code index over HTTP: a real repository, asked through the real daemon."""

import os
import subprocess
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest

from tests.daemon.conftest import Start
from tests.daemon.daemon_process import DaemonProcess, until

FILES = {
    "shop/__init__.py": "",
    "shop/basket.py": (
        "class Basket:\n    def total(self):\n        return self.rate() * 2\n\n    def rate(self):\n"
        "        return 1\n"
    ),
    "tests/test_basket.py": (
        "from shop.basket import Basket\n\n\ndef test_total():\n    assert Basket().total() == 2\n"
    ),
}


def _git(root: Path, *arguments: str) -> str:
    identity = ("-c", "user.name=Test", "-c", "user.email=test@example.org")
    environment = {**os.environ, "GIT_CONFIG_GLOBAL": os.devnull}
    done = subprocess.run(
        ["git", *identity, *arguments], cwd=root, env=environment, check=True, capture_output=True, text=True
    )
    return done.stdout.strip()


def _repository(root: Path, files: dict[str, str]) -> Path:
    for path, content in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(content)
    _git(root, "init", "-q")
    _git(root, "add", "-A")
    _git(root, "commit", "-q", "-m", "start")
    return root


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Path]:
    yield _repository(tmp_path / "shop", FILES)


def _got(http: httpx.Client, what: str, repository: Path, **asked: object) -> dict:
    answer = http.get(f"/v1/index/{what}", params={"repository": str(repository), **asked})
    assert answer.status_code == 200, answer.text
    return answer.json()


def _posted(http: httpx.Client, what: str, repository: Path, **asked: object) -> dict:
    answer = http.post(f"/v1/index/{what}", json={"repository": str(repository), **asked})
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_status_says_what_is_missing_and_asking_anything_else_indexes_it(http, shop):
    before = _got(http, "status", shop)
    assert (before["fresh"], before["missing"], before["building"]) == (False, 3, None)

    found = _got(http, "symbols", shop / "tests", target="Basket.total")

    assert [(one["path"], one["start"], one["symbol"]) for one in found["symbols"]] == [
        ("shop/basket.py", 2, "Basket.total")
    ]
    after = _got(http, "status", shop)
    assert after["fresh"] and after["languages"] == {"python": 3}
    assert after["commit"] == found["commit"] == _git(shop, "rev-parse", "HEAD")


def test_places_uses_callers_maps_and_tests_are_found(http, shop):
    hits = _posted(http, "search", shop, text="the total of a basket is wrong")["hits"]
    assert hits[0]["path"] == "shop/basket.py" and hits[0]["why"]
    references = _got(http, "references", shop, name="Basket")["references"]
    assert [(one["path"], one["line"], one["column"]) for one in references] == [
        ("tests/test_basket.py", 1, 25),
        ("tests/test_basket.py", 5, 12),
    ]
    (caller,) = _got(http, "callers", shop, name="Basket.rate")["callers"]
    assert (caller["symbol"], caller["target"], caller["line"]) == ("Basket.total", "Basket.rate", 3)
    drawn = _posted(http, "map", shop, tokens=200)
    assert "def total(self)" in drawn["map"] and drawn["tokens"] <= 200
    assert len(_posted(http, "map", shop, limit=1)["files"]) == 1
    tests = _posted(http, "impact", shop, targets=["shop/basket.py"])["tests"]
    assert [one["path"] for one in tests] == ["tests/test_basket.py"]


def test_an_edit_is_seen_by_the_next_question_and_a_revision_stays_as_it_was(http, shop):
    commit = _git(shop, "rev-parse", "HEAD")
    _got(http, "symbols", shop)
    (shop / "shop/till.py").write_text("def ring(): pass\n")

    assert _got(http, "symbols", shop, target="ring")["symbols"]
    assert not _got(http, "symbols", shop, target="ring", revision=commit)["symbols"]
    assert len(_got(http, "symbols", shop, limit=1)["symbols"]) == 1


def test_a_repository_that_was_replaced_is_opened_anew(http, tmp_path):
    root = _repository(tmp_path / "one", {"a.py": "def first(): pass\n"})
    assert _got(http, "symbols", root, target="first")["symbols"]
    root.rename(tmp_path / "gone")
    _repository(root, {"a.py": "def second(): pass\n"})

    assert _got(http, "symbols", root, target="second")["symbols"]
    assert not _got(http, "symbols", root, target="first")["symbols"]


@pytest.mark.parametrize(
    ("asked", "status"),
    [
        ({"repository": "/no/such/place"}, 404),
        ({"repository": "/"}, 404),
        ({"repository": "/a\0b"}, 404),
        ({"repository": "relative"}, 422),
        ({}, 422),
    ],
)
def test_what_is_no_repository_is_said(http, asked, status):
    answer = http.get("/v1/index/status", params=asked)

    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["detail"]


def test_what_is_no_revision_is_said(http, shop):
    for revision in ("nope", "-x", "HEAD~99", "a\0b"):
        answer = http.get("/v1/index/symbols", params={"repository": str(shop), "revision": revision})
        assert (answer.status_code, answer.json()["type"]) == (404, "urn:ratchet:repository")


def test_a_token_that_may_only_read_tasks_reads_no_code(daemon, shop):
    tokens = daemon.state / "tokens.json"
    known = tokens.read_text()
    tokens.write_text(known.rstrip()[:-1] + ', "watch": {"token": "seen", "scopes": ["read"]}}')
    try:
        with daemon.tcp_client(None, headers={"Authorization": "Bearer seen"}) as http:
            assert http.get("/v1/tasks").status_code == 200
            assert http.get("/v1/index/status", params={"repository": str(shop)}).status_code == 403
    finally:
        tokens.write_text(known)


def test_a_damaged_index_is_built_anew_under_the_request(daemon: DaemonProcess, http, tmp_path):
    root = _repository(tmp_path / "many", {f"m{n}.py": f"def m{n}(): return {n}\n" for n in range(60)})
    _got(http, "symbols", root)
    (file,) = [
        place.parent / "index.db"
        for place in daemon.state.glob("repositories/*/root")
        if place.read_text().strip() == str(root)
    ]
    size = file.stat().st_size
    with file.open("r+b") as opened:
        opened.seek(8192)
        opened.write(os.urandom(size - 8192))
    (file.parent / "index.db-wal").write_bytes(b"")

    (root / "new.py").write_text("def new(): pass\n")
    assert _got(http, "symbols", root, target="new")["symbols"]
    assert len(_got(http, "symbols", root)["symbols"]) == 61
    assert [each for each in daemon.log() if each["level"] == "error"] == []


def test_a_build_keeps_nobody_waiting_and_says_how_far_it_is(start: Start, tmp_path):
    line = "def name_{n}_{m}(a, b): return call_{n}(a, other_{m})\n"
    text = {f"p{n}.py": "".join(line.format(n=n, m=m) for m in range(400)) for n in range(120)}
    root = _repository(tmp_path / "large", text)
    daemon = start()
    said: list[dict] = []
    with daemon.client() as http, ThreadPoolExecutor(1) as thread, daemon.client() as other:
        asked = thread.submit(_answered, other, root)
        while not asked.done():
            assert http.get("/v1/health").status_code == 200
            said.append(_got(http, "status", root))
        assert asked.result()
    building = [each["building"] for each in said if each["building"]]
    assert building and all(0 <= each["done"] <= each["total"] == 120 for each in building)


def _answered(http: httpx.Client, root: Path) -> list[dict]:
    for _ in until(120):
        answer = http.get("/v1/index/symbols", params={"repository": str(root), "target": "name_7_7"})
        if answer.status_code == 200:
            return list(answer.json()["symbols"])
        assert (answer.status_code, answer.json()["type"]) == (503, "urn:ratchet:index-busy")
        assert answer.headers["retry-after"]
    return []


def test_many_ask_at_once(http, daemon: DaemonProcess, shop):
    def ask(number: int) -> int:
        with daemon.client() as client:
            barrier.wait()
            return client.post(
                "/v1/index/search", json={"repository": str(shop), "text": f"basket {number}"}
            ).status_code

    barrier = threading.Barrier(8)
    with ThreadPoolExecutor(8) as threads:
        assert set(threads.map(ask, range(8))) == {200}


def test_an_answer_that_may_be_late_asks_git_nothing_and_one_that_may_not_sees_the_edit(http, shop):
    assert _got(http, "symbols", shop, target="ring", age=600)["symbols"] == []
    (shop / "shop/till.py").write_text("def ring(): pass\n")
    assert _got(http, "symbols", shop, target="ring", age=600)["symbols"] == []
    assert len(_got(http, "symbols", shop, target="ring")["symbols"]) == 1
    assert len(_got(http, "symbols", shop, target="ring", age=600)["symbols"]) == 1


def test_names_are_found_by_a_part_of_them_nearest_first(http, shop):
    (shop / "shop/more.py").write_text("def tot(): pass\n\n\ndef TOTALS(): pass\n\n\ndef subtotal(): pass\n")
    found = [one["name"] for one in _got(http, "symbols", shop, part="tot")["symbols"]]
    assert found[:3] == ["tot", "total", "TOTALS"]
    assert _got(http, "symbols", shop, part="Basket.tot")["symbols"][0]["symbol"] == "Basket.total"
    assert _got(http, "symbols", shop, part="%")["symbols"] == []


def test_what_a_function_calls_is_found(http, shop):
    found = _got(http, "callees", shop, name="Basket.total")["callers"]
    assert [(one["symbol"], one["target"], one["line"]) for one in found] == [
        ("Basket.total", "Basket.rate", 3)
    ]
