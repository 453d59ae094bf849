"""A workflow file of unknown origin is read within bounds, or refused with one kind of error."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.verify.workflows.document import MAX_BYTES, BadWorkflow, read_document, scalar, shown
from agent.verify.workflows.workflow import read_workflow

HOSTILE = {
    "a bomb of aliases": b"a: &a [x, x, x, x, x, x, x, x, x]\n"
    + b"".join(b"%c: &%c [%s]\n" % (c, c, b", ".join([b"*%c" % (c - 1)] * 9)) for c in range(98, 110)),
    "an alias inside of itself": b"a: &a [*a]\n",
    "an alias of nothing": b"a: *b\n",
    "very deep flow": b"a: " + b"[" * 100_000,
    "very deep blocks": "".join(f"{' ' * n}a:\n" for n in range(400)).encode(),
    "too large": b"a: " + b"x" * MAX_BYTES,
    "no UTF-8": b"jobs: \xff\xfe",
    "controls": b"jobs: \x00\x01",
    "two documents": b"a: 1\n---\nb: 2\n",
    "a key twice": b"jobs: {}\njobs: {}\n",
    "a mapping as a key": b"? {a: 1}\n: b\n",
    "no YAML": b"jobs: [}\n",
    "a tab": b"jobs:\n\tx: 1\n",
    "a directive": b"%YAML 9.9\n---\na: 1\n",
    "an escape that is no text": b'jobs: {a: {steps: [{run: "\\ud800"}]}}',
    "a key that is no text": b'jobs: {"a\\0": {}}',
    "a wrong escape": b'a: "\\xZZ"\n',
}


@pytest.mark.parametrize("data", HOSTILE.values(), ids=HOSTILE.keys())
def test_a_hostile_file_is_refused(data: bytes) -> None:
    with pytest.raises(BadWorkflow):
        read_workflow(data)


WRONG = (
    "[]",
    "jobs: 3",
    "jobs: []",
    "jobs: {a: 3}",
    "jobs: {a: {steps: {b: 1}}}",
    "jobs: {a: {steps: [x]}}",
    "jobs: {a: {steps: [{run: [1]}]}}",
    "jobs: {a: {strategy: {matrix: [1]}}}",
    "jobs: {a: {strategy: {matrix: {x: 1}}}}",
    "jobs: {a: {strategy: {matrix: {include: {}}}}}",
    "env: [1]\njobs: {}",
    "jobs: {a: {env: {b: {c: 1}}}}",
    "jobs: {a: {services: [1]}}",
    "jobs: {a: {defaults: {run: [1]}}}",
    "jobs: {a: {runs-on: [[1]]}}",
)


@pytest.mark.parametrize("text", WRONG)
def test_a_value_of_the_wrong_kind_is_refused(text: str) -> None:
    with pytest.raises(BadWorkflow):
        read_workflow(text.encode())


def test_words_and_numbers_are_those_of_yaml_1_2() -> None:
    found = read_document(b"on: yes\noff: 010\na: 3.10\nb: '3.10'\nc: ~\nd: true\ne: 0x1f\nf: 1e3\ng: .5\n")
    assert found == {
        "on": "yes",
        "off": 10,
        "a": 3.1,
        "b": "3.10",
        "c": None,
        "d": True,
        "e": 31,
        "f": 1000.0,
        "g": 0.5,
    }
    assert [shown(scalar(text)) for text in ("3.10", "3.0", "true", "~", "x", "12")] == [
        "3.1",
        "3",
        "true",
        "",
        "x",
        "12",
    ]


def test_anchors_stand_for_what_they_name() -> None:
    first = b"jobs:\n  a: &job\n    steps: &steps\n    - &one {run: echo 1}\n    - *one\n"
    text = first + b"  b:\n    steps: *steps\n  c: *job\n"
    jobs = read_workflow(text).jobs
    assert [[step.run for step in job.steps] for job in jobs] == [["echo 1", "echo 1"]] * 3


_words = st.sampled_from(
    [
        "jobs:",
        "steps:",
        "- run: x",
        "  ",
        "\n",
        "{",
        "}",
        "[",
        "]",
        "&a",
        "*a",
        "|",
        ">",
        "'",
        '"',
        "a:",
        "!!t",
        "? ",
    ]
)


@given(st.one_of(st.binary(max_size=200), st.lists(_words, max_size=60).map(lambda w: "".join(w).encode())))
@settings(max_examples=150, deadline=None)
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    try:
        read_workflow(data)
    except BadWorkflow as error:
        assert "\n" not in error.message
