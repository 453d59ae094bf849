"""Words become the spec of a task as the repository, the settings and the kind of task have it."""

from pathlib import Path

import pytest

from agent.protocol.errors import UsageError
from agent.protocol.task import Intent, TaskKind
from tui.orders.new_task import spec_of, without_marks
from tui.orders.order import NewTask, Options

LOG = """=== short test summary info ===
FAILED tests/test_cart.py::test_total - AssertionError: assert 4 == 3
FAILED tests/test_cart.py::test_total[a b] - AssertionError
FAILED elsewhere/test_x.py::test_y - AssertionError
"""


@pytest.mark.parametrize(
    ("words", "tests", "command"),
    [
        ("", (), None),
        ("tests/test_cart.py::test_total tests", ("tests/test_cart.py::test_total", "tests"), None),
        ("@tests/test_cart.py::test_total", ("tests/test_cart.py::test_total",), None),
        ("make check", (), "make check"),
        ("'make check'", (), "make check"),
        ("pytest -k 'it's", (), "pytest -k 'it's"),
        (LOG, ("tests/test_cart.py::test_total", "tests/test_cart.py::test_total[a b]"), None),
    ],
)
def test_fix_takes_tests_a_command_or_a_pasted_log(
    shop: Path, words: str, tests: tuple[str, ...], command: str | None
) -> None:
    spec = spec_of(NewTask(TaskKind.FIX, words), shop, None)
    assert (spec.tests, spec.command) == (tests, command)
    assert spec.attended and spec.front_end == "tui" and spec.stages == ("search", "small")


def test_do_has_the_words_as_its_goal_and_the_options_as_they_are_given(shop: Path) -> None:
    options = Options(apply=True, branch="b", budget=0.5)
    spec = spec_of(NewTask(TaskKind.DO, "rename @shop/cart.py::Cart for @ann", options), shop, "small")
    assert spec.goal == "rename shop/cart.py::Cart for @ann"
    assert (spec.intent, spec.apply, spec.branch) == (Intent.REFACTOR, True, "b")
    assert (spec.limits.cost_usd, spec.stages) == (0.5, ("small",))


@pytest.mark.parametrize(
    ("words", "base", "head", "tests"),
    [
        ("", None, None, ()),
        ("main", "main", None, ()),
        ("main..", "main", "HEAD", ()),
        ("main..x tests/test_cart.py", "main", "x", ("tests/test_cart.py",)),
        ("tests/test_cart.py", None, None, ("tests/test_cart.py",)),
    ],
)
def test_verify_takes_revisions_and_tests(
    shop: Path, words: str, base: str | None, head: str | None, tests: tuple[str, ...]
) -> None:
    spec = spec_of(NewTask(TaskKind.VERIFY, words), shop, None)
    assert (spec.base, spec.head, spec.tests) == (base, head, tests)


def test_review_takes_revisions_and_what_to_look_at(shop: Path) -> None:
    spec = spec_of(NewTask(TaskKind.REVIEW, "main..HEAD the locks"), shop, None)
    assert (spec.base, spec.head, spec.goal) == ("main", "HEAD", "the locks")
    assert spec_of(NewTask(TaskKind.REVIEW, "the locks"), shop, None).goal == "the locks"


@pytest.mark.parametrize(
    "order",
    [
        NewTask(TaskKind.FIX, "some\nwords"),
        NewTask(TaskKind.VERIFY, "a...b"),
        NewTask(TaskKind.VERIFY, "main no-such-test"),
        NewTask(TaskKind.DO, "x", Options(model="unknown")),
    ],
)
def test_what_cannot_be_meant_is_refused_before_there_is_a_task(shop: Path, order: NewTask) -> None:
    with pytest.raises(UsageError) as refused:
        spec_of(order, shop, None)
    assert refused.value.hint


def test_without_a_model_it_says_what_works(shop: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RATCHET_CONFIG", str(shop / "none.toml"))
    with pytest.raises(UsageError, match="needs a language model") as refused:
        spec_of(NewTask(TaskKind.DO, "a thing"), shop, None)
    assert "/fix" in refused.value.hint
    assert spec_of(NewTask(TaskKind.FIX), shop, None).stages == ("search",)


def test_only_what_is_there_loses_its_mark(shop: Path) -> None:
    said = "@shop/cart.py:3, @dataclass @../x @shop\x00 ann@shop"
    assert without_marks(said, shop) == "shop/cart.py:3, @dataclass @../x @shop\x00 ann@shop"
