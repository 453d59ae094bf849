"""What tasks come to is shown where the user is: real fixes, answers, and whatever text is in them."""

import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from agent.client import registration
from agent.models.server.script import Call
from agent.models.server.scripted_server import ScriptedServer
from agent.protocol.control import ApprovalRequested
from agent.protocol.event import Event, QuestionAnswered, TaskFinished, TaskSubmitted
from agent.protocol.forge import Happened, Trigger, Verb
from agent.protocol.outcome import Outcome
from agent.protocol.policy import Approval
from agent.protocol.state import fold
from agent.protocol.task import TaskKind, TaskSpec
from lsp.showing.pages import fenced, page, rendered
from tests.client.conftest import end
from tests.e2e.conftest import CART, Repository, new_repository, share_caches
from tests.e2e.scripted_models import LOOK, PROFILE, edit
from tests.lsp.attached import Attached, attached

TEST = "test_cart.py::test_discount_is_taken_off"
EVIL = "See ![x](http://a/?q) <img src=y> \x1b[31m\n\n```py\na < b![i](j) <b>\n```\n`<i>` done <!-- hid -->"


def test_an_answer_is_shown_without_what_a_viewer_would_load_or_hide() -> None:
    assert rendered(EVIL) == (
        "See \\![x](http://a/?q) \\<img src=y> \n\n```py\na < b![i](j) <b>\n```\n`<i>` done "
    )


def test_a_text_cannot_end_the_block_it_stands_in() -> None:
    assert fenced("a\n````\nb\n") == "`````\na\n````\nb\n`````"


def test_a_page_says_what_is_known_at_any_time() -> None:
    spec = TaskSpec(kind=TaskKind.ASK, repository="/r", goal="why?")
    asked = ApprovalRequested(approval=Approval(id="1", actions=(), reason="may I?", detail="rm x"))
    bodies = [
        TaskSubmitted(spec=spec),
        asked,
        QuestionAnswered(text="so"),
        TaskFinished(outcome=Outcome.DONE, reason="r"),
    ]
    events = [
        Event(seq=place, task_id="t", step_key=str(place), recorded_at=0, body=one)
        for place, one in enumerate(bodies, start=1)
    ]
    assert "**waits for an answer**" in page(fold(events[:2]))
    assert "```\nrm x\n```" in page(fold(events[:2]))
    assert "**done**: r" in page(fold(events), "the log")
    assert "## Answer\n\nso" in page(fold(events))
    assert "```\nthe log\n```" in page(fold(events), "the log")


def test_a_page_says_where_on_a_forge_a_task_came_from() -> None:
    trigger = Trigger(
        happened=Happened.COMMENT, verb=Verb.EXPLAIN, repository="acme/shop", number=12, actor="a`b"
    )
    spec = TaskSpec(kind=TaskKind.ASK, repository="github:acme/shop", trigger=trigger)
    told = Event(seq=1, task_id="t", step_key="1", recorded_at=0, body=TaskSubmitted(spec=spec))
    assert "Task `t` of ``acme/shop#12 (comment by a`b)``" in page(fold([told]))


@pytest.fixture(scope="module")
def state(tmp_path_factory: pytest.TempPathFactory, state_dir: Path, base_root: Path) -> Iterator[Path]:
    """A state directory for the daemon that the editor starts; what takes long to make is shared."""
    found = tmp_path_factory.mktemp("state")
    share_caches(state_dir, found)
    yield found
    written = registration.read(found)
    if written is not None:
        end(written.pid)


@pytest.fixture(scope="module")
def config(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("config") / "config.toml"


@pytest.fixture(scope="module")
def cart(tmp_path_factory: pytest.TempPathFactory) -> Repository:
    return new_repository(tmp_path_factory.mktemp("cart"), CART)


@pytest.fixture(scope="module")
def editor(state: Path, cart: Repository, config: Path) -> Iterator[Attached]:
    with attached(state, cart.path, config=config, sandbox="bubblewrap") as one:
        yield one


def test_an_explanation_is_a_document(editor: Attached, config: Path) -> None:
    with ScriptedServer([Call("read", {"path": "cart.py"}), "In cart.py:5 and cart.py:99."]) as server:
        config.write_text(PROFILE.format(url=server.base_url, profile="", more=""))
        task = editor.command("explain", uri=editor.open("cart.py"), start=0, end=5)["task"]
        editor.progress("end", task)
    editor.called("window/showDocument", task)
    shown = editor.shown[-1]
    text = shown.read_text()
    assert "In cart.py:5 and cart.py:99." in text
    assert "`cart.py:99`: " in text
    assert stat.S_IMODE(shown.stat().st_mode) == 0o600
    assert stat.S_IMODE(shown.parent.stat().st_mode) == 0o700


@pytest.mark.long
def test_a_fix_that_was_proven_can_be_applied_and_read(
    editor: Attached, cart: Repository, config: Path
) -> None:
    config.write_text("")
    before = cart.fingerprint()
    task = editor.command("fix", uri=editor.uri("cart.py"), tests=[TEST])["task"]
    assert editor.progress("end", task)["message"] == "verified"
    question = editor.asked("Ratchet: verified")
    assert [one["title"] for one in question["params"]["actions"]] == ["Apply", "Show"]
    editor.reply(question, None)
    offered = editor.ask("textDocument/codeAction", **_nowhere(editor))["result"]
    (apply,) = (one for one in offered if one["title"] == "Apply verified fix")
    assert apply["command"]["arguments"] == [{"uri": editor.uri("cart.py"), "task": task}]

    assert editor.command("show", uri=editor.uri("cart.py")) == {"task": task}
    editor.called("window/showDocument", task)
    text = editor.shown[-1].read_text()
    assert f"| fixed | 1 | `{TEST}` |" in text
    assert "-    return amount + discount" in text
    assert cart.fingerprint() == before


@pytest.mark.long
def test_a_change_of_a_selection_is_proven(editor: Attached, cart: Repository, config: Path) -> None:
    renamed = {"cart.py": CART["cart.py"].replace("amount", "sum_of_all")}
    with ScriptedServer([LOOK, edit(CART, {**CART, **renamed}), "Renamed."]) as server:
        config.write_text(PROFILE.format(url=server.base_url, profile="", more=""))
        uri, goal = editor.uri("cart.py"), "rename amount to sum_of_all"
        task = editor.command("change", uri=uri, goal=goal, start=0, end=5)["task"]
        assert editor.progress("end", task)["message"] == "verified_with_preexisting"
        assert "def total(prices" in str(server.requests[0].messages)


def _nowhere(editor: Attached) -> dict[str, object]:
    point = {"line": 0, "character": 0}
    return {
        "textDocument": {"uri": editor.uri("cart.py")},
        "range": {"start": point, "end": point},
        "context": {"diagnostics": []},
    }
