"""The frames between host and worker, and a worker that does not keep to them."""

import io
import struct
import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandboxes.errors import SandboxLost
from sandboxes.frames import Decoder, Frame, encode
from sandboxes.sandbox import Command, Ending, InForce, SandboxKind
from sandboxes.seccomp import REFUSED, seccomp_filter
from sandboxes.worker_sandbox import WorkerSandbox

HEADERS = st.dictionaries(st.text(), st.integers() | st.text() | st.none(), max_size=4)
IN_FORCE = InForce(SandboxKind.PROCESS, image="none")
READY = encode({"op": "ready", "python": "3.8.0"})


class Recording:
    """A transport whose worker says what it was told to say, and then ends or hangs."""

    def __init__(self, said: bytes, *, hangs: bool = False) -> None:
        self._said = io.BytesIO(said)
        self._hangs = hangs
        self._killed = threading.Event()

    def write(self, data: bytes) -> None:
        """Take it and do nothing."""

    def read(self) -> bytes:
        """Say the next seven bytes."""
        data = self._said.read(7)
        if not data and self._hangs:
            self._killed.wait()
        return data

    def kill(self) -> None:
        """End."""
        self._killed.set()


@given(st.lists(st.tuples(HEADERS, st.binary()), max_size=5), st.integers(1, 9))
def test_frames_survive_any_cut_of_the_stream(frames, size):
    data = b"".join(encode(header, payload) for header, payload in frames)
    decoder, found = Decoder(), []
    for start in range(0, len(data), size):
        found += decoder.feed(data[start : start + size])
    assert found == [Frame(header, payload) for header, payload in frames]


@given(st.binary(min_size=8, max_size=200))
def test_noise_is_refused_or_waited_on_but_never_anything_else(data):
    try:
        Decoder().feed(data)
    except ValueError:
        return


@pytest.mark.parametrize(
    "said",
    [b"", b"noise" * 9, READY[:-1], encode({"op": "other"}), struct.pack(">II", 2**31, 0), encode({})],
)
def test_a_worker_that_does_not_greet_is_no_sandbox(said):
    closed = []
    with pytest.raises(SandboxLost):
        WorkerSandbox(Recording(said), IN_FORCE, on_close=lambda: closed.append(1))
    assert closed == [1]


def test_a_worker_that_breaks_off_is_lost_and_taken_down_once():
    closed = []
    sandbox = WorkerSandbox(Recording(READY + b"\0\0"), IN_FORCE, on_close=lambda: closed.append(1))
    assert sandbox.run(Command(("true",))).ending is Ending.LOST
    sandbox.close()
    assert closed == [1]


def test_a_worker_that_neither_answers_nor_ends_is_given_up(monkeypatch):
    monkeypatch.setattr("sandboxes.worker_sandbox.GRACE", 0.1)
    sandbox = WorkerSandbox(Recording(READY, hangs=True), IN_FORCE, on_close=lambda: None)
    assert sandbox.run(Command(("true",), seconds=0.1)).ending is Ending.LOST


def test_a_worker_that_does_not_heed_a_cancellation_is_taken_down(monkeypatch):
    monkeypatch.setattr("sandboxes.worker_sandbox.CANCEL", 0.1)
    sandbox = WorkerSandbox(Recording(READY, hangs=True), IN_FORCE, on_close=lambda: None)
    cancel = threading.Event()
    cancel.set()
    assert sandbox.run(Command(("true",)), cancel=cancel).ending in (Ending.LOST, Ending.CANCELLED)


@pytest.mark.parametrize("machine", REFUSED)
def test_every_refused_call_jumps_to_the_refusal_and_all_else_is_allowed(machine):
    """Runs the filter as the kernel would."""
    program = list(struct.iter_unpack("=HBBI", seccomp_filter(machine)))
    architecture = program[1][3]
    refused = set(REFUSED[machine].values()) | {*range(425, 434), 442, 443}
    for number in range(600):
        assert verdict(program, number, architecture) == (0x00050001 if number in refused else 0x7FFF0000)
    assert verdict(program, 0, architecture + 1) == 0x00050001
    assert (verdict(program, 0x40000000, architecture) == 0x00050001) == (machine == "x86_64")


def verdict(program: list[tuple[int, int, int, int]], number: int, architecture: int) -> int:
    at, value = 0, 0
    while True:
        code, yes, no, operand = program[at]
        if code == 0x06:
            return operand
        if code == 0x20:
            value = {0: number, 4: architecture}[operand]
            at += 1
            continue
        holds = value == operand if code == 0x15 else value >= operand
        at += 1 + (yes if holds else no)


def test_a_machine_whose_calls_are_not_listed_gets_no_filter():
    assert seccomp_filter("vax") is None
