"""The attached stream is taken apart in whatever pieces it arrives."""

import itertools
import socket
import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandboxes.docker_transport import DockerTransport, Frames
from sandboxes.errors import SandboxLost

PIECES = st.lists(st.tuples(st.sampled_from([1, 2]), st.binary(max_size=40)), max_size=20)


def framed(stream: int, payload: bytes) -> bytes:
    return bytes([stream, 0, 0, 0]) + len(payload).to_bytes(4, "big") + payload


@given(PIECES, st.lists(st.integers(0, 900), max_size=20))
def test_any_cut_of_the_stream_gives_the_same_output(pieces, cuts):
    data = b"".join(framed(*piece) for piece in pieces)
    edges = sorted({0, len(data), *(cut for cut in cuts if cut < len(data))})
    frames = Frames()
    out = b"".join(frames.feed(data[a:b]) for a, b in itertools.pairwise(edges))
    assert out == b"".join(payload for stream, payload in pieces if stream == 1)
    assert frames.stderr == b"".join(payload for stream, payload in pieces if stream == 2)


def test_only_the_end_of_the_workers_own_errors_is_kept():
    frames = Frames()
    frames.feed(framed(2, b"a" * 100_000) + framed(2, b"the end"))
    assert len(frames.stderr) < 10_000
    assert frames.stderr.endswith(b"the end")


@pytest.fixture
def pair():
    ours, theirs = socket.socketpair()
    with ours, theirs:
        yield ours, theirs


def test_bytes_go_both_ways(pair):
    ours, theirs = pair
    transport = DockerTransport(ours, lambda: None)
    transport.write(b"question")
    assert theirs.recv(99) == b"question"
    theirs.sendall(framed(2, b"noise") + framed(1, b"answer"))
    assert transport.read() == b"answer"
    assert transport.stderr == "noise"


def test_an_ended_container_is_the_end_of_reading_and_an_error_of_writing(pair):
    ours, theirs = pair
    transport = DockerTransport(ours, lambda: None)
    theirs.sendall(framed(2, b"Killed"))
    theirs.close()
    assert transport.read() == b""
    with pytest.raises(SandboxLost) as lost:
        for _ in range(3):
            transport.write(b"x")
    assert lost.value.log == "Killed"


def test_a_kill_wakes_a_thread_that_waits_for_bytes(pair):
    ours, _ = pair
    ended = []
    transport = DockerTransport(ours, lambda: ended.append(1))
    read = []
    waiting = threading.Thread(target=lambda: read.append(transport.read()))
    waiting.start()
    transport.kill()
    waiting.join(timeout=20)
    transport.kill()
    transport.close()
    assert (read, ended) == ([b""], [1, 1])
    assert transport.read() == b""
