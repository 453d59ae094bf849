"""An editor that does not read, or is gone, holds up nothing and takes no memory without end."""

import os
import threading
from collections.abc import Iterator

import pytest

from lsp.wire.outlet import Outlet


@pytest.fixture
def pipe() -> Iterator[tuple[int, int]]:
    source, target = os.pipe()
    yield source, target
    for one in (source, target):
        os.close(one)


def text(message: object) -> bytes:
    return str(message).encode() + b"\n"


def test_messages_come_in_their_order_and_all_before_the_end(pipe: tuple[int, int]) -> None:
    source, target = pipe
    outlet = Outlet(target, text, pytest.fail)
    for number in range(1000):
        outlet.put(number)
    outlet.close()
    assert os.read(source, 1 << 16).split() == [b"%d" % number for number in range(1000)]


def test_an_editor_that_reads_nothing_is_given_up_and_never_waited_for(pipe: tuple[int, int]) -> None:
    lost = threading.Event()
    outlet = Outlet(pipe[1], text, lost.set, most=1 << 20)
    for _ in range(40):
        outlet.put("x" * (1 << 16))
    assert lost.wait(60)
    outlet.close(0.01)


def test_an_editor_that_is_gone_is_noticed(pipe: tuple[int, int]) -> None:
    source, target = os.pipe()
    os.close(source)
    lost = threading.Event()
    outlet = Outlet(target, text, lost.set)
    outlet.put("anybody?")
    assert lost.wait(60)
    outlet.close()
    os.close(target)
