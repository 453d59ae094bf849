"""Messages are cut out of a stream however it comes in pieces, and whatever is between them."""

import random

import pytest

from lsp.wire.framing import Framing, Garbage


def framed(body: bytes, name: str = "Content-Length") -> bytes:
    """Return a message as it is sent."""
    return f"{name}: {len(body)}\r\n\r\n".encode() + body


def bodies(framing: Framing, *pieces: bytes) -> list[bytes]:
    """Return the messages in some pieces."""
    found = [one for piece in pieces for one in framing.feed(piece)]
    return [one for one in found if not isinstance(one, Garbage)]


def test_messages_come_out_whole_whatever_the_pieces() -> None:
    stream = b"".join(framed(b'{"id":%d}' % number) for number in range(50))
    chance = random.Random(1)
    for _ in range(50):
        cuts = sorted(chance.choices(range(len(stream)), k=20))
        pieces = [stream[start:end] for start, end in zip([0, *cuts], [*cuts, len(stream)], strict=True)]
        assert bodies(Framing(), *pieces) == [b'{"id":%d}' % number for number in range(50)]


@pytest.mark.parametrize("name", ["content-length", "CONTENT-LENGTH", "Content-length", " Content-Length "])
def test_the_case_of_a_header_makes_no_difference(name: str) -> None:
    assert bodies(Framing(), framed(b"{}", name)) == [b"{}"]


def test_other_headers_and_bare_line_feeds_are_understood() -> None:
    assert bodies(Framing(), b"Content-Type: x\r\nContent-Length: 2\r\n\r\n{}") == [b"{}"]
    assert bodies(Framing(), b"Content-Length: 2\n\n{}") == [b"{}"]


@pytest.mark.parametrize(
    "garbage",
    [
        b"Content-Length: 99999999999\r\n\r\n",
        b"Content-Length: 999999999999999999999999\r\n\r\n",
        b"Content-Length: -5\r\n\r\n",
        b"Content-Length: x\r\n\r\n",
        b"Hello\r\n\r\n",
        b"\x00" * 9000 + b"\n",
        b"\r\n\r\n",
        b"Content-Length: 999999999999\r\n\r\n{}",
    ],
)
def test_what_is_no_message_is_passed_over(garbage: bytes) -> None:
    framing = Framing()
    assert bodies(framing, garbage, framed(b'{"id":1}'), framed(b'{"id":2}'))[-1:] == [b'{"id":2}']


def test_an_endless_header_takes_no_memory() -> None:
    framing = Framing()
    for _ in range(200):
        assert all(isinstance(one, Garbage) for one in framing.feed(b"a" * 10_000))
    assert bodies(framing, b"\n", framed(b"{}"), framed(b"[]"))[-1:] == [b"[]"]


def test_random_bytes_never_stop_it() -> None:
    chance = random.Random(2)
    for _ in range(300):
        framing = Framing()
        for _ in range(20):
            list(framing.feed(chance.randbytes(chance.randrange(300))))
        assert bodies(framing, b"\n\n", framed(b'{"a":1}'), framed(b'{"b":2}'))[-1:] == [b'{"b":2}']
