"""The lists of the index browser say what the index answers, of the symbol that is meant."""

import asyncio

import pytest

from agent.daemon.errors import IndexBusy
from agent.protocol.errors import RatchetError, UsageError
from agent.protocol.index import (
    IndexCaller,
    IndexCallers,
    IndexImpact,
    IndexProgress,
    IndexStatus,
    IndexSymbol,
    IndexTest,
)
from tui.screens.index.asking import patiently
from tui.screens.index.rows import Place, Row, callees, callers, definition, found, impact, standing

TOTAL = IndexSymbol(
    path="shop/cart.py",
    start=7,
    end=9,
    name="total",
    symbol="Cart.total",
    kind="method",
    signature="def total(self)",
    doc="The sum.",
    is_test=False,
)


def call(path: str, line: int, symbol: str, target: str, confidence: float = 1.0) -> IndexCaller:
    return IndexCaller(
        path=path,
        line=line,
        symbol=symbol,
        target_path="shop/cart.py",
        target=target,
        confidence=confidence,
    )


def test_a_symbol_is_shown_with_where_and_what_it_is() -> None:
    assert found([TOTAL]) == [
        Row("Cart.total", "method · shop/cart.py:7", Place("shop/cart.py", 7, "Cart.total"))
    ]
    assert definition(TOTAL) == [
        Row("def total(self)", "method"),
        Row("The sum."),
        Row("shop/cart.py", "lines 7 to 9", Place("shop/cart.py", 7)),
    ]


def test_calls_of_a_namesake_elsewhere_are_left_out() -> None:
    ours = call("a.py", 3, "", "Cart.total", 0.5)
    other = ours.model_copy(update={"target_path": "other.py"})
    rows = callers(TOTAL, IndexCallers(commit="c", callers=(ours, other)), 100)
    assert rows[1:] == [Row("called by", "1"), Row("the file itself", "a.py:3 · 50% sure", Place("a.py", 3))]
    inside, twice = (
        call("shop/cart.py", 8, "Cart.total", "add_up"),
        call("shop/cart.py", 9, "Cart.total", "add_up"),
    )
    elsewhere = call("a.py", 1, "Cart.total", "add_up")
    rows = callees(TOTAL, IndexCallers(commit="c", callers=(inside, twice, elsewhere)), 3)
    assert rows[1:] == [
        Row("calls", "1 or more"),
        Row("add_up", "shop/cart.py", Place("shop/cart.py", 0, "add_up")),
    ]


def test_tests_say_how_far_they_are() -> None:
    near = IndexTest(path="t.py", symbol="test_a", distance=0, confidence=1.0)
    far = IndexTest(path="t.py", symbol="", distance=2, confidence=0.4)
    rows = impact(IndexImpact(commit="c", tests=(near, far)), 100)
    assert [(one.text, one.note) for one in rows[2:]] == [
        ("t.py::test_a", "at once"),
        ("t.py", "2 steps away · 40% sure"),
    ]
    assert impact(IndexImpact(commit="c", tests=()), 100)[1].note == "none that the index knows of"


@pytest.mark.parametrize(
    ("files", "missing", "building", "said"),
    [
        (0, 4, None, "nothing is indexed yet; the first search does it, for 4 files"),
        (2, 0, None, "9 symbols in 2 files, 2 python"),
        (2, 1, None, "9 symbols in 2 files, 2 python; 1 files still to come"),
        (2, 8, IndexProgress(done=3, total=10), "the index is being built: 3 of 10 files"),
    ],
)
def test_the_standing_of_the_index_is_one_sentence(
    files: int, missing: int, building: IndexProgress | None, said: str
) -> None:
    status = IndexStatus(
        commit="c",
        files=files,
        symbols=9,
        references=0,
        bytes_source=0,
        bytes_index=0,
        languages={"python": 2, "": 1},
        skipped={},
        missing=missing,
        fresh=not missing,
        building=building,
    )
    assert standing(status) == said


def test_an_index_that_is_being_built_is_asked_again_and_no_other_error_is_waited_for() -> None:
    answers: list[RatchetError | str] = [IndexBusy("3 of 10 files"), "answer", UsageError("no")]
    heard: list[str] = []

    async def ask() -> str:
        answer = answers.pop(0)
        if isinstance(answer, RatchetError):
            raise answer
        return answer

    assert asyncio.run(patiently(ask, heard.append)) == "answer"
    assert heard == ["3 of 10 files"]
    with pytest.raises(UsageError):
        asyncio.run(patiently(ask, heard.append))
