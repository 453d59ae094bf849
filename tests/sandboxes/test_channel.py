"""A program spoken to in messages, in any sandbox."""

import time

import pytest

from sandboxes.errors import SandboxError, SandboxLost
from sandboxes.sandbox import Command, Ending

ECHO = """
import os
source = os.fdopen(int(os.environ["RATCHET_CHANNEL_IN"]), "rb")
sink = os.fdopen(int(os.environ["RATCHET_CHANNEL_OUT"]), "wb")
while True:
    size = source.read(4)
    if not size:
        print("bye")
        break
    message = source.read(int.from_bytes(size, "big"))
    if message == b"exit":
        os._exit(9)
    if message == b"hang":
        import time
        time.sleep(100)
    sink.write(size + message)
    sink.flush()
"""
FLOOD = """
import os
while True:
    os.write(int(os.environ["RATCHET_CHANNEL_OUT"]), (65536).to_bytes(4, "big") + b"x" * 65536)
"""


@pytest.fixture
def channel(sandbox):
    opened = sandbox.connect(Command(("python3", "-c", ECHO)))
    yield opened
    opened.close()


def test_messages_come_back_whole_and_in_order(channel):
    messages = [b"", b"a", b"\0\n" * 100, bytes(range(256)) * 8192]
    for message in messages:
        channel.send(message)
    assert [channel.receive(20) for _ in messages] == messages


def test_receiving_gives_up_after_its_time(channel):
    assert channel.receive(0.05) is None
    channel.send(b"later")
    assert channel.receive(20) == b"later"


def test_a_program_may_end_by_itself_when_its_channel_ends(channel):
    channel.send(b"hello")
    assert channel.receive(20) == b"hello"
    result = channel.close()
    assert (result.ending, result.exit_code, result.stdout.text) == (Ending.EXITED, 0, "bye\n")
    assert channel.close() == result


def test_a_program_that_stays_is_ended_on_close(channel):
    channel.send(b"hang")
    assert channel.close().ending is Ending.CANCELLED


def test_a_program_that_ends_is_lost_to_its_speaker(channel):
    channel.send(b"exit")
    with pytest.raises(SandboxLost):
        channel.receive(20)
    with pytest.raises(SandboxLost):
        channel.send(b"hello")
    assert (channel.close().ending, channel.close().exit_code) == (Ending.EXITED, 9)


def test_a_program_past_its_time_is_ended(sandbox):
    channel = sandbox.connect(Command(("sleep", "60"), seconds=0.3))
    with pytest.raises(SandboxLost):
        channel.receive(20)
    assert channel.close().ending is Ending.TIMEOUT


def test_the_sandbox_is_busy_until_the_channel_is_closed(sandbox):
    channel = sandbox.connect(Command(("python3", "-c", ECHO)))
    with pytest.raises(SandboxError):
        sandbox.run(Command(("true",)))
    channel.close()
    assert sandbox.run(Command(("true",))).ok


def test_messages_nobody_takes_do_not_hold_up_the_end(sandbox):
    channel = sandbox.connect(Command(("python3", "-c", FLOOD)))
    assert channel.receive(20) == b"x" * 65536
    time.sleep(0.3)
    assert channel.close().ending in (Ending.CANCELLED, Ending.SIGNALLED)
    assert sandbox.run(Command(("true",))).ok


def test_an_oversized_message_ends_the_program(sandbox):
    boast = "import os, time; os.write(int(os.environ['RATCHET_CHANNEL_OUT']), b'\\xff' * 8); time.sleep(60)"
    channel = sandbox.connect(Command(("python3", "-c", boast)))
    with pytest.raises(SandboxLost):
        channel.receive(20)
    assert channel.close().ending is Ending.OUTPUT
