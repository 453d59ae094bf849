"""Tasks with a language model, over HTTP and in a real sandbox; what is proven is what was measured."""

import json
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from agent.client import registration
from agent.models.server.script import Answer, Call, Fault
from agent.models.server.scripted_server import ScriptedServer
from agent.protocol.model import EditFormat
from tests.client.conftest import end
from tests.e2e.conftest import CART, Ratchet, Repository, share_caches
from tests.e2e.scripted_models import (
    LIE,
    LOOK,
    RIGHT,
    TAX,
    TAX_TEST,
    WRONG,
    Conversation,
    Waiting,
    WithModel,
    edit,
    proven,
    stale,
)
from tests.e2e.test_daemon_fix import Daemon, report_of


@pytest.fixture
def command(ratchet: Ratchet, base_root: Path, tmp_path: Path) -> WithModel:
    return WithModel(ratchet, tmp_path / "config.toml")


def _long(edit_format: EditFormat) -> Any:
    return pytest.param(edit_format, marks=pytest.mark.long)


OTHERS = [_long(one) for one in EditFormat if one is not EditFormat.SEARCH_REPLACE]


@pytest.mark.parametrize("edit_format", [EditFormat.SEARCH_REPLACE, *OTHERS])
def test_a_model_fixes_a_bug_after_a_refused_edit_and_a_red_verdict(
    command: WithModel, cart: Repository, edit_format: EditFormat
) -> None:
    before = cart.fingerprint()
    script = [
        LOOK,
        stale(edit_format),
        edit(CART, {**CART, "cart.py": WRONG}, edit_format),
        LIE,
        edit({"cart.py": WRONG}, {"cart.py": RIGHT}, edit_format),
        "A discount is taken off.",
    ]
    arguments = ("fix", "--planner", "cheap")
    ended = command(cart, script, *arguments, profile=f'edit_format = "{edit_format}"')

    assert ended.outcome == ("verified", 0), ended.report
    assert "Nothing was changed" in ended.requests[2].last
    assert "does not accept it" in ended.requests[4].last
    assert "test_discount_is_taken_off" in ended.requests[4].last
    assert (ended.report["planner"], ended.report["model_calls"]) == ("cheap", 6)
    assert ended.report["by_model"]["cheap"]["model_calls"] == 6
    assert cart.git("show", f"{ended.report['branch']}:cart.py") == RIGHT.strip()
    assert cart.fingerprint() == before
    message = cart.git("log", "-1", "--format=%B", str(ended.report["branch"]))
    assert "A discount is taken off." in message
    assert "100 %" not in message


def test_a_change_is_proven_by_a_test_that_fails_without_it(command: WithModel, cart: Repository) -> None:
    _, verdicts, end_of_task = taxed(command, cart)
    (proof,) = verdicts[-1]["proofs"]
    assert len(verdicts) == 2
    assert (proof["test"], proof["red"]) == ("test_cart.py::test_tax_comes_on_top", "failed")
    assert end_of_task["outcome"] == "verified"


@pytest.mark.long
def test_a_change_that_is_replayed_ends_the_same(
    command: WithModel, cart: Repository, tmp_path: Path
) -> None:
    log, *_ = taxed(command, cart)
    assert_same_again(command, log, tmp_path)


def test_an_answer_that_is_replayed_ends_the_same(
    command: WithModel, cart: Repository, tmp_path: Path
) -> None:
    with ScriptedServer([Call("read", {"path": "cart.py"}), "In cart.py:5 and cart.py:99."]) as server:
        command.configure(server.base_url)
        done = command.ratchet.run("ask", "where?", "-C", str(cart.path), "--events")
    assert_same_again(command, done.stdout, tmp_path)
    lines = done.stdout.splitlines()
    answered = next(line for line in lines if '"QuestionAnswered"' in line)
    (tmp_path / "other.jsonl").write_text(done.stdout.replace(answered, answered.replace("In ", "At ")))
    other = command.ratchet.json("tasks", "replay", str(tmp_path / "other.jsonl"))
    assert (other["same"], list(other["differences"]), other["exit"]) == (False, ["answer"], 1)  # type: ignore[call-overload]


def assert_same_again(command: WithModel, log: str, folder: Path) -> None:
    (folder / "run.jsonl").write_text(log)
    replayed = command.ratchet.json("tasks", "replay", str(folder / "run.jsonl"))
    assert (replayed["same"], replayed["differences"], replayed["exit"]) == (True, {}, 0)


def taxed(command: WithModel, cart: Repository) -> tuple[str, list[dict[str, Any]], dict[str, Any]]:
    """Let a model add a tax; returns the log, the verdicts, and the end of the task."""
    shop = proven(cart)
    base = {"cart.py": RIGHT, "test_cart.py": CART["test_cart.py"]}
    script = [
        Call("plan", {"steps": [{"text": "write the test", "status": "doing"}, {"text": "add it"}]}),
        edit(base, {**base, "test_cart.py": TAX_TEST}),
        LIE,
        edit({"cart.py": RIGHT}, {"cart.py": TAX}),
        "Tax is a percentage on top.",
    ]
    with ScriptedServer(script) as server:
        command.configure(server.base_url)
        goal = ("do", "let total take a tax in percent", "-C", str(shop.path))
        done = command.ratchet.run(*goal, "--events")
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    bodies = [json.loads(line)["body"] for line in done.stdout.splitlines()]
    verdicts = [body["verdict"] for body in bodies if body["type"] == "VerdictReached"]
    return done.stdout, verdicts, bodies[-1]


def test_a_refactoring_is_proven_by_tests_that_end_as_before(command: WithModel, cart: Repository) -> None:
    shop = proven(cart)
    loop = "    amount = 0\n    for price in prices:\n        amount += price\n"
    after = RIGHT.replace(loop, "    amount = sum(prices)\n")
    script = [edit({"cart.py": RIGHT}, {"cart.py": after}), "The loop is a sum."]
    ended = command(shop, script, "do", "simplify total")
    assert ended.outcome == ("verified", 0), ended.report
    assert "no test changed its outcome" in str(ended.report["reason"])
    assert cart.git("show", f"{ended.report['branch']}:cart.py") == after.strip()


def test_an_answer_is_given_with_its_false_places_marked(command: WithModel, cart: Repository) -> None:
    said = "It is in cart.py:5, tested in test_cart.py:8-10; see also nowhere.py:3 and cart.py:99."
    ended = command(cart, [Call("search", {"query": "discount"}), said], "ask", "where is the discount?")
    assert ended.outcome == ("done", 0), ended.report
    assert ended.report["answer"] == said
    found = {f"{one['path']}:{one['line']}": one["fault"] for one in ended.report["citations"]}
    assert found == {
        "cart.py:5": "",
        "test_cart.py:8": "",
        "nowhere.py:3": "there is no such file",
        "cart.py:99": "the file has 9 lines",
    }
    assert "edit" not in {tool["function"]["name"] for tool in ended.requests[0].body["tools"]}


def test_a_finding_is_proven_only_by_a_test_that_ran(command: WithModel, cart: Repository) -> None:
    proven(cart).commit({"cart.py": RIGHT.replace("len(prices)", "len(prices) + 1")}, "count better")
    shows = "from cart import count\n\n\ndef test_count():\n    assert count([1]) == 1\n"
    script = [
        Call("finding", {"path": "cart.py", "line": 9, "title": "one too many", "test": shows}),
        Call("finding", {"path": "cart.py", "line": 5, "title": "may overflow"}),
        "One bug.",
    ]
    ended = command(cart, script, "review", "HEAD~1..HEAD", "--fail-on", "proven")
    assert ended.outcome == ("done", 21), ended.report
    assert [(one["title"], one["proven"]) for one in ended.report["findings"]] == [
        ("one too many", True),
        ("may overflow", False),
    ]


@pytest.mark.parametrize("words", [("do", "add a tax"), ("ask", "why?"), ("review",)])
def test_without_a_model_it_is_said_what_works_without(
    ratchet: Ratchet, cart: Repository, words: Sequence[str]
) -> None:
    report = ratchet.json(*words, "-C", str(cart.path))
    assert (report["outcome"], report["exit"]) == ("no_planner", 32)
    assert "docs/models.md" in str(report["hint"])
    assert "ratchet fix" in str(report["hint"])


def test_what_the_search_cannot_find_goes_on_to_the_model(command: WithModel, cart: Repository) -> None:
    digest = (
        "import hashlib\n\n\ndef sign(text):\n    return hashlib.sha256(text.encode()).hexdigest()[:12]\n"
    )
    tests = "import hashlib\n\nfrom sign import sign\n\n\n" + (
        "def test_sign():\n    for text in ('ab', 'c'):\n"
        "        assert sign(text) == hashlib.sha256(text.encode()).hexdigest()[:12]\n"
    )
    cart.commit({"sign.py": "def sign(text):\n    return text\n", "test_sign.py": tests})
    script = [edit({"sign.py": "def sign(text):\n    return text\n"}, {"sign.py": digest}), "It is a digest."]
    ended = command(cart, script, "fix", "--test", "test_sign.py")
    assert ended.report["outcome"] == "verified_with_preexisting", ended.report
    assert ended.report["planner"] == "cheap"
    assert ended.report["candidates"] > 0
    assert len(ended.requests) == 2


def test_a_fault_of_the_model_is_said_with_what_to_do(command: WithModel, cart: Repository) -> None:
    ended = command(cart, [Answer(fault=Fault.UNAUTHORIZED)], "ask", "where?")
    assert ended.outcome == ("no_planner", 32)
    assert str(ended.report["reason"]).startswith("cheap: ")
    assert "ratchet doctor --models" in str(ended.report["hint"])
    assert len(ended.requests) == 1


def test_a_spent_budget_ends_the_task_and_keeps_the_work(command: WithModel, cart: Repository) -> None:
    change = edit(CART, {**CART, "cart.py": WRONG})
    script = [Answer(calls=(change,), usage=(1000, 100)), Answer(text=LIE, usage=(1000, 100))]
    limit = "[routing]\ncalls_per_task = 1\n"
    ended = command(cart, script, "fix", "--planner", "cheap", more=limit)
    assert ended.outcome == ("budget", 40), ended.report
    assert len(ended.requests) == 1
    assert "amount - 2 * discount" in str(ended.report["patch"])
    assert "--budget" in str(ended.report["hint"])


def test_money_is_reserved_before_it_is_spent(command: WithModel, cart: Repository) -> None:
    prices = "prices = { input = 10.0, output = 30.0 }"
    ended = command(cart, ["never"], "ask", "where?", "--budget", "0.000001", profile=prices)
    assert ended.outcome == ("budget", 40), ended.report
    assert ended.requests == []


def test_code_goes_to_another_machine_only_when_somebody_allows_it(
    command: WithModel, cart: Repository
) -> None:
    host = f"models-{uuid.uuid4().hex[:8]}.example.org"
    command.configure(f"https://{host}/v1")
    denied = command.ratchet.json("ask", "where?", "-C", str(cart.path))
    assert (denied["outcome"], denied["exit"]) == ("denied", 50)
    assert host in str(denied["reason"])
    assert "[policy]" in str(denied["hint"])


def test_a_policy_allows_another_machine(
    command: WithModel, make_repository: Callable[..., Repository]
) -> None:
    # An address that is not this machine's name, and yet leads to the scripted server.
    cart = make_repository(CART, f"cart-{uuid.uuid4().hex[:8]}")
    with ScriptedServer(["In cart.py:5."]) as server:
        url = server.base_url.replace("127.0.0.1", "0.0.0.0")
        command.configure(url, more='[policy]\nmodel = ["allow 0.0.0.0"]\n')
        report = command.ratchet.json("ask", "where?", "-C", str(cart.path))
    assert (report["outcome"], report["exit"]) == ("done", 0), report


def test_a_dry_run_says_what_would_leave_the_machine_and_sends_nothing(
    command: WithModel, cart: Repository
) -> None:
    command.configure("https://models.example.org/v1")
    seen = command.ratchet.json("do", "add a tax", "-C", str(cart.path), "--dry-run")
    sent = [line for line in seen["leaves_the_machine"] if "models.example.org" in line]  # type: ignore[union-attr]
    assert len(sent) == 1
    assert "model cheap" in sent[0]
    command.configure("http://127.0.0.1:9/v1")
    local = command.ratchet.json("do", "add a tax", "-C", str(cart.path), "--dry-run")
    assert not [line for line in local["leaves_the_machine"] if "model" in line]  # type: ignore[union-attr]


@pytest.fixture(scope="module")
def daemon(tmp_path_factory: pytest.TempPathFactory, state_dir: Path) -> Iterator[Daemon]:
    """Return a daemon with tasks of its own; what takes long to make is shared."""
    state = tmp_path_factory.mktemp("models-daemon")
    share_caches(state_dir, state)
    started = Daemon(state)
    started.ratchet.environ["RATCHET_CONFIG"] = str(state / "config.toml")
    yield started
    written = registration.read(state)
    if written is not None:
        end(written.pid)


def test_a_model_at_work_hears_what_the_user_says(daemon: Daemon, cart: Repository) -> None:
    talk = Conversation(4, 2)
    with Waiting(talk, 2) as server:
        WithModel(daemon.ratchet, daemon.state / "config.toml").configure(server.base_url)
        asking = daemon.ratchet.start("ask", "where?", "-C", str(cart.path), "--json")
        assert talk.waiting.wait(120)
        daemon.tasks("steer", daemon.newest()["task_id"], "look at the tests, too")
        talk.may_go_on.set()
        report = report_of(asking)
    assert report["answer"] == "It is in cart.py:5."
    said = [message["content"] for message in talk.requests[2].messages if message["role"] == "user"]
    assert said[-1] == "The user says: look at the tests, too"
    # It stays where it was said, so that the beginning of requests stays what it was.
    earlier, later = talk.requests[2].messages, talk.requests[3].messages
    assert later[: len(earlier)] == earlier


def test_a_killed_daemon_goes_on_with_the_conversation_and_asks_no_turn_twice_but_the_one_at_hand(
    daemon: Daemon, cart: Repository
) -> None:
    talk = Conversation(6, 4)
    with Waiting(talk, 4) as server:
        WithModel(daemon.ratchet, daemon.state / "config.toml").configure(server.base_url)
        asking = daemon.ratchet.start("ask", "where?", "-C", str(cart.path), "--json")
        assert talk.waiting.wait(120)
        daemon.kill()
        time.sleep(0.2)
        talk.may_go_on.set()
        report = report_of(asking)
    assert report["outcome"] == "done"
    assert sorted(talk.asked) == [1, 2, 3, 4, 4, 5, 6]
    begun = [json.dumps(one.messages[:2]) for one in talk.requests]
    assert len(set(begun)) == 1
