"""A report counts only as an unbroken chain whose records agree with each other."""

import importlib.util
import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from agent.protocol.check import RunEnd, TestStatus
from agent.verify.records import read_records
from agent.verify.run_end import stop_of
from agent.verify.session import fold
from sandboxes.guest_files import GUEST_DIR
from sandboxes.sandbox import Ending, Output, Result

Send = Callable[..., None]


@pytest.fixture(scope="module")
def stream_module() -> Iterator[ModuleType]:
    path = GUEST_DIR / "reporter" / "ratchet_stream.py"
    specification = importlib.util.spec_from_file_location("ratchet_stream", path)
    assert specification is not None and specification.loader is not None
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    yield module
    sys.modules.pop("ratchet_stream", None)


@pytest.fixture
def report(stream_module: ModuleType) -> Callable[..., bytes]:
    """Write records as the reporter does and return what reaches the host."""

    def write(*records: dict[str, Any], key: bytes = b"k") -> bytes:
        reading, writing = os.pipe()
        stream = stream_module.Stream(writing, key)
        for record in records:
            stream.send(dict(record))
        os.close(writing)
        with os.fdopen(reading, "rb") as pipe:
            return pipe.read()

    return write


LOAD = {"type": "load"}
SESSION = {"type": "session"}


def collected(*ids: str) -> list[dict[str, Any]]:
    return [{"type": "collected", "ids": list(ids)}, {"type": "collection", "count": len(ids)}]


def passed(name: str) -> list[dict[str, Any]]:
    phases = [{"type": "phase", "id": name, "when": when, "outcome": "passed"} for when in ("setup", "call")]
    return [{"type": "start", "id": name}, *phases, {"type": "finish", "id": name}]


END = {"type": "end", "exit": 0}
WHOLE = [LOAD, SESSION, *collected("a", "b"), *passed("a"), *passed("b"), END]


def exited(code: int) -> Result:
    return Result(Ending.EXITED, exit_code=code, stdout=Output(), stderr=Output())


def end_of(data: bytes, code: int = 0) -> RunEnd:
    records = read_records(data, "k")
    if records.foreign:
        return RunEnd.FORGED
    return stop_of(exited(code), fold(records.sessions[0]), launched=True).end


def test_an_unbroken_chain_is_read_back(report: Callable[..., bytes]) -> None:
    records = read_records(report(*WHOLE), "k")
    assert (records.foreign, len(records.sessions)) == ("", 1)
    assert [record["type"] for record in records.sessions[0].records] == [record["type"] for record in WHOLE]
    assert end_of(report(*WHOLE)) is RunEnd.COMPLETE


def test_sessions_of_several_processes_are_told_apart(report: Callable[..., bytes]) -> None:
    first, second = (
        report(*records).splitlines(True) for records in (WHOLE, [{**LOAD, "pid": 2}, SESSION, END])
    )
    mixed = [line for pair in zip(first, second, strict=False) for line in pair] + first[len(second) :]
    records = read_records(b"".join(mixed), "k")
    assert [len(session.records) for session in records.sessions] == [len(first), len(second)]
    assert records.foreign == ""


@pytest.mark.parametrize(
    "what", ["changed", "dropped", "swapped", "doubled", "inserted", "wrong key", "appended"]
)
def test_a_tampered_chain_is_foreign(report: Callable[..., bytes], what: str) -> None:
    lines = report(*WHOLE).splitlines(True)
    forged = {
        "changed": [line.replace(b"passed", b"failed") for line in lines],
        "dropped": lines[:5] + lines[6:],
        "swapped": [*lines[:5], lines[6], lines[5], *lines[7:]],
        "doubled": [*lines[:6], lines[5], *lines[6:]],
        "inserted": [*lines[:5], b'{"type":"end","exit":0}\n', *lines[5:]],
        "wrong key": report(*WHOLE, key=b"other").splitlines(True),
        "appended": [*lines, b"ok"],
    }[what]
    assert read_records(b"".join(forged), "k").foreign


def test_a_report_cut_anywhere_is_never_complete_and_never_foreign(report: Callable[..., bytes]) -> None:
    data = report(*WHOLE)
    for length in range(1, len(data), 7):
        records = read_records(data[:length], "k")
        assert records.foreign == ""
        if records.sessions:
            stop = stop_of(exited(0), fold(records.sessions[0]), launched=True)
            assert stop.end is not RunEnd.COMPLETE


@pytest.mark.parametrize(
    ("records", "code"),
    [
        ([LOAD, SESSION, *collected("a"), *passed("a"), *passed("b"), END], 0),
        ([LOAD, SESSION, *collected("a"), *passed("a"), *passed("a"), END], 0),
        ([LOAD, SESSION, *collected("a"), *passed("a")[1:], END], 0),
        ([LOAD, SESSION, *collected("a"), *passed("a"), passed("a")[1], END], 0),
        ([LOAD, SESSION, collected("a")[0], {"type": "collection", "count": 2}, *passed("a"), END], 0),
        ([LOAD, SESSION, *collected("a"), *passed("a"), END, END], 0),
        ([LOAD, SESSION, *collected("a"), END, *passed("a")], 0),
        ([LOAD, SESSION, *collected("a"), *passed("a"), {"type": "end", "exit": 1}], 1),
        ([LOAD, SESSION, *collected("a"), *passed("a"), {"type": "end", "exit": 1}], 0),
        (WHOLE, 1),
    ],
    ids=[
        "uncollected",
        "twice",
        "unstarted",
        "late",
        "count",
        "two ends",
        "after the end",
        "no failure",
        "status 0",
        "status 1",
    ],
)
def test_records_that_contradict_each_other_are_forged(
    report: Callable[..., bytes], records: list[dict[str, Any]], code: int
) -> None:
    assert end_of(report(*records), code) is RunEnd.FORGED


def test_a_session_without_its_end_crashed_whatever_the_exit_status(report: Callable[..., bytes]) -> None:
    assert end_of(report(*WHOLE[:-1]), 0) is RunEnd.CRASHED


def test_a_test_without_a_call_was_not_run(report: Callable[..., bytes]) -> None:
    only_setup = [record for record in passed("a") if record.get("when") != "call"]
    session = read_records(report(LOAD, SESSION, *collected("a"), *only_setup, END), "k").sessions[0]
    assert [test.status for test in fold(session).tests] == [TestStatus.NOT_RUN]


def test_a_failure_that_a_hook_calls_a_pass_stays_a_failure(report: Callable[..., bytes]) -> None:
    records = passed("a")
    records[2]["raised"] = True
    session = read_records(report(LOAD, SESSION, *collected("a"), *records, END), "k").sessions[0]
    assert [test.status for test in fold(session).tests] == [TestStatus.FAILED]


def test_a_closed_or_replaced_descriptor_is_not_written_to(stream_module: ModuleType, tmp_path: Path) -> None:
    reading, writing = os.pipe()
    stream = stream_module.Stream(writing, b"k")
    stream.send({"type": "load"})
    with (tmp_path / "other").open("wb") as other:
        os.dup2(other.fileno(), writing)
        stream.send({"type": "session"})
    os.close(writing)
    stream.send({"type": "end"})
    with os.fdopen(reading, "rb") as pipe:
        assert pipe.read().count(b"\n") == 1
    assert (tmp_path / "other").read_bytes() == b""


def test_a_forked_child_stays_silent(stream_module: ModuleType) -> None:
    reading, writing = os.pipe()
    stream = stream_module.Stream(writing, b"k")
    pid = os.fork()
    if pid == 0:
        stream.send({"type": "end", "exit": 0})
        os._exit(0)
    os.waitpid(pid, 0)
    stream.send({"type": "load"})
    os.close(writing)
    with os.fdopen(reading, "rb") as pipe:
        assert [r["type"] for r in read_records(pipe.read(), "k").sessions[0].records] == ["load"]
