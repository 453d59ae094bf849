"""What a command prints is passed on piece by piece, in order, and never more than can be read."""

import time
from contextlib import closing
from pathlib import Path
from threading import Event

from agent.protocol.check import Check, CheckKind
from agent.protocol.progress import Progress
from agent.verify.printed import BYTES_PER_SECOND, Printed
from agent.verify.run_on import run_on
from tests.verify.changes import Changed
from tests.verify.lab import Lab

SLOWLY = ("sh", "-c", "echo one; sleep 0.4; echo two >&2; sleep 0.4; printf thr; printf ee")


class Heard(list[Progress]):
    """What was passed on."""

    @property
    def text(self) -> str:
        """Return it as one text."""
        return "".join(one.output or "" for one in self)


def test_every_byte_is_passed_on_in_order_and_what_waits_comes_at_the_end() -> None:
    heard = Heard()
    with Printed(heard.append, "verify") as printed:
        for piece in (b"caf\xc3", b"\xa9 ", b"\xff", b"\n", b"last\xe2"):
            printed(piece)
    assert heard.text == "caf\u00e9 \ufffd\nlast\ufffd"
    assert {one.phase for one in heard} == {"verify"}


def test_a_line_that_nothing_follows_is_passed_on_all_the_same() -> None:
    arrived = Event()
    heard = Heard()

    def note(update: Progress) -> None:
        heard.append(update)
        if "two" in heard.text:
            arrived.set()

    with Printed(note, "verify") as printed:
        printed(b"one\n")
        printed(b"two\n")
        assert arrived.wait(30)
    assert heard.text == "one\ntwo\n"


def test_of_a_flood_the_newest_lines_come_and_how_much_is_missing_is_said() -> None:
    heard, lines = Heard(), [b"line %d\n" % number for number in range(200_000)]
    began = time.monotonic()
    with Printed(heard.append, "verify") as printed:
        for line in lines:
            printed(line)
    # A second's worth at once, and what its bucket filled up with since.
    seconds = 1 + time.monotonic() - began
    passed = sum(len(one.output or "") for one in heard)
    assert passed <= BYTES_PER_SECOND * seconds + 60 * len(heard)
    assert heard.text.endswith("line 199999\n")
    assert "bytes left out ...]\nline " in heard.text
    assert len(heard) <= 20 * seconds + 2


def test_a_check_is_heard_while_it_runs(tmp_path: Path, lab: Lab) -> None:
    changed = Changed(tmp_path, lab, {"a.txt": "\n"}, {"a.txt": ""})
    check = Check(name="command", kind=CheckKind.OPAQUE, argv=SLOWLY, declared=True)
    heard = Heard()
    with closing(changed.workbench()) as workbench:
        run = run_on(
            workbench,
            changed.trees.base,
            check,
            seconds=60,
            test_seconds=60,
            on_progress=heard.append,
            phase="reproduce",
        )
    pieces = [one.output for one in heard if one.output]
    assert (pieces[0], heard.text) == ("one\n", "one\ntwo\nthree")
    assert len(pieces) >= 2
    assert run.output_tail == "one\nthreetwo\n"
    assert {one.phase for one in heard} == {"reproduce"}
