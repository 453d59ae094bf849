"""Whoever knows no secret of ours is not listened to, and without a secret nobody is."""

import hashlib
import hmac

import pytest

from agent.bot.errors import Forged
from agent.bot.signature import Headers, Signatures, signatures
from agent.protocol.errors import UsageError
from tests.bot.deliveries import OLD_SECRET, SECRET, signed

BODY = b'{"action": "created"}'
RIGHT = signed(BODY).encode()
SHA1 = b"sha1=" + hmac.new(SECRET, BODY, hashlib.sha1).hexdigest().encode()
NAME = b"x-hub-signature-256"


def _accepts(headers: Headers, body: bytes = BODY) -> bool:
    try:
        Signatures([SECRET, OLD_SECRET]).check(headers, body)
    except Forged:
        return False
    return True


@pytest.mark.parametrize("secret", [SECRET, OLD_SECRET])
def test_each_secret_counts(secret: bytes) -> None:
    assert _accepts([(b"host", b"x"), (NAME, signed(BODY, secret).encode())])


@pytest.mark.parametrize(
    "headers",
    [
        [],
        [(NAME, b"")],
        [(NAME, SHA1)],
        [(b"x-hub-signature", SHA1)],
        [(b"x-hub-signature", RIGHT)],
        [(NAME, RIGHT), (NAME, RIGHT)],
        [(NAME, RIGHT), (NAME, b"sha256=" + b"0" * 64)],
        [(NAME, RIGHT + b", " + RIGHT)],
        [(NAME, RIGHT[:-1])],
        [(NAME, RIGHT + b"0")],
        [(NAME, RIGHT + b"\n")],
        [(NAME, b" " + RIGHT)],
        [(NAME, RIGHT.upper())],
        [(NAME, RIGHT.replace(b"=", b""))],
        [(NAME, RIGHT.removeprefix(b"sha256="))],
        [(NAME, b"sha256=" + b"\xff" * 64)],
        [(NAME, signed(BODY, b"a secret that nobody here has ever been told").encode())],
    ],
)
def test_anything_but_one_whole_signature_is_refused(headers: Headers) -> None:
    assert not _accepts(headers)


def test_each_bit_of_the_body_and_of_the_signature_counts() -> None:
    for at in range(8 * len(BODY)):
        assert not _accepts([(NAME, RIGHT)], _flipped(BODY, at))
    for at in range(8 * len(RIGHT)):
        assert not _accepts([(NAME, _flipped(RIGHT, at))])


def _flipped(content: bytes, at: int) -> bytes:
    byte, bit = divmod(at, 8)
    return content[:byte] + bytes([content[byte] ^ (1 << bit)]) + content[byte + 1 :]


@pytest.mark.parametrize(
    ("environ", "count"),
    [({"NEW": "n" * 32}, 1), ({"OLD": "o" * 32}, 1), ({"NEW": "n" * 32, "OLD": "o" * 40}, 2)],
)
def test_a_variable_that_is_not_set_is_left_out(
    environ: dict[str, str], count: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    assert len(signatures(("env:NEW", "env:OLD"))) == count


@pytest.mark.parametrize(
    ("environ", "references"),
    [
        ({}, ("env:NEW", "env:OLD")),
        ({}, ()),
        ({"NEW": ""}, ("env:NEW",)),
        ({"NEW": "short"}, ("env:NEW",)),
        ({"NEW": "n" * 32, "OLD": "short"}, ("env:NEW", "env:OLD")),
        ({}, ("the secret itself, which has no place in a file",)),
    ],
)
def test_without_a_good_secret_nothing_starts(
    environ: dict[str, str], references: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(UsageError) as refused:
        signatures(references)
    assert refused.value.hint
    assert "the secret itself" not in refused.value.message
