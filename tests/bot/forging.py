"""Deliveries that nobody who knows the secret has sent: each in some way not what it should be."""

import hashlib
import hmac
import random
from collections.abc import Callable
from typing import NamedTuple

from tests.bot.deliveries import HEAD, SECRET, comment, encoded, signed
from tests.bot.served import LARGEST

Headers = list[tuple[bytes, bytes]]


class Forgery(NamedTuple):
    """A request to send, byte for byte; `chunked` says how its body goes."""

    kind: str
    headers: Headers
    body: bytes
    chunked: bool = False


def forgery(dice: random.Random) -> Forgery:
    """Return one of the many ways to get it wrong."""
    body = encoded(comment(f"/ratchet do {dice.random()}", id=dice.getrandbits(40)))
    kind = dice.choice(list(_WAYS))
    headers = {
        b"Content-Type": b"application/json",
        b"X-GitHub-Event": b"issue_comment",
        b"X-GitHub-Delivery": b"%032x" % dice.getrandbits(128),
        b"X-Hub-Signature-256": signed(body).encode(),
    }
    made = _WAYS[kind](dice, headers, body)
    return Forgery(kind, list(made[0].items()) if isinstance(made[0], dict) else made[0], *made[1:])


Given = dict[bytes, bytes]
Made = tuple[Given | Headers, bytes] | tuple[Given | Headers, bytes, bool]
_NAME = b"X-Hub-Signature-256"


def _none(_: random.Random, headers: Given, body: bytes) -> Made:
    return {name: value for name, value in headers.items() if name != _NAME}, body


def _short(dice: random.Random, headers: Given, body: bytes) -> Made:
    return headers | {_NAME: headers[_NAME][: dice.randrange(len(headers[_NAME]))]}, body


def _long(dice: random.Random, headers: Given, body: bytes) -> Made:
    return headers | {_NAME: headers[_NAME] + b"0" * dice.randint(1, 4_000)}, body


def _sha1(dice: random.Random, headers: Given, body: bytes) -> Made:
    digest = b"sha1=" + hmac.new(SECRET, body, hashlib.sha1).hexdigest().encode()
    return headers | {dice.choice((b"X-Hub-Signature", _NAME)): digest, _NAME: digest}, body


def _other_secret(dice: random.Random, headers: Given, body: bytes) -> Made:
    return headers | {_NAME: signed(body, dice.randbytes(dice.randint(0, 64))).encode()}, body


def _other_body(dice: random.Random, headers: Given, body: bytes) -> Made:
    return headers, body.replace(b'"ann"', b'"eve"' if dice.random() < 0.5 else b'"Ann"')


def _body_bit(dice: random.Random, headers: Given, body: bytes) -> Made:
    return headers, _flipped(dice, body)


def _signature_bit(dice: random.Random, headers: Given, body: bytes) -> Made:
    changed = _flipped(dice, headers[_NAME])
    # Such a line would end before it does, and be no header at all.
    return headers | {_NAME: changed.replace(b"\n", b"x").replace(b"\r", b"x")}, body


def _twice(dice: random.Random, headers: Given, body: bytes) -> Made:
    more = (_NAME, dice.choice((headers[_NAME], b"sha256=" + b"0" * 64, b"")))
    listed = [*headers.items(), more]
    dice.shuffle(listed)
    return listed, body


def _joined(_: random.Random, headers: Given, body: bytes) -> Made:
    return headers | {_NAME: headers[_NAME] + b", " + headers[_NAME]}, body


def _random_bytes(dice: random.Random, headers: Given, _: bytes) -> Made:
    return headers, dice.randbytes(dice.randint(0, 3_000))


def _charset(dice: random.Random, headers: Given, body: bytes) -> Made:
    charset = dice.choice((b"utf-7", b"utf-16", b"latin-1", b"\xff", b"utf-8; charset=utf-7"))
    return headers | {b"Content-Type": b"application/json; charset=" + charset}, body


def _coding(dice: random.Random, headers: Given, body: bytes) -> Made:
    return headers | {b"Content-Encoding": dice.choice((b"gzip", b"br", b"identity", b""))}, body


def _form(_: random.Random, headers: Given, body: bytes) -> Made:
    return headers | {b"Content-Type": b"application/x-www-form-urlencoded"}, b"payload=" + body


def _chunked(dice: random.Random, headers: Given, body: bytes) -> Made:
    return headers, _flipped(dice, body), True


def _huge(dice: random.Random, headers: Given, _: bytes) -> Made:
    body = b" " * (LARGEST + dice.randint(1, 1_000))
    return headers | {_NAME: signed(body).encode()}, body, dice.random() < 0.5


def _deep(dice: random.Random, headers: Given, _: bytes) -> Made:
    opening = dice.choice((b"[", b'{"comment":', b'{"issue":[')) * dice.randint(1_000, 15_000)
    return headers | {_NAME: signed(opening).encode()}, opening


def _wrong_event(dice: random.Random, headers: Given, body: bytes) -> Made:
    names = (b"workflow_run", b"check_run", b"issues", b"pull_request", b"ping", b"", b"../x", b"\xff")
    return headers | {b"X-GitHub-Event": dice.choice(names)}, body


def _two_events(_: random.Random, headers: Given, body: bytes) -> Made:
    return [*headers.items(), (b"X-GitHub-Event", b"check_run")], body


def _wrong_id(dice: random.Random, headers: Given, body: bytes) -> Made:
    ids = (b"", b"a,b", b"../../etc/passwd", b"x" * 101, b"\xff", b"a b")
    return headers | {b"X-GitHub-Delivery": dice.choice(ids)}, body


def _no_commit(dice: random.Random, headers: Given, _: bytes) -> Made:
    head = dice.choice((HEAD[:-1], "--upload-pack=x", "refs/heads/main", "", HEAD.upper()))
    payload = comment(pull_request={"number": 1, "head": {"ref": "x", "sha": head}})
    del payload["issue"]
    body = encoded(payload)
    sent = headers | {_NAME: signed(body).encode(), b"X-GitHub-Event": b"pull_request_review_comment"}
    return sent, body


def _flipped(dice: random.Random, content: bytes) -> bytes:
    at = dice.randrange(len(content))
    return content[:at] + bytes([content[at] ^ (1 << dice.randrange(8))]) + content[at + 1 :]


_WAYS: dict[str, Callable[[random.Random, Given, bytes], Made]] = {
    way.__name__: way
    for way in (
        *(
            _none,
            _short,
            _long,
            _sha1,
            _other_secret,
            _other_body,
            _body_bit,
            _signature_bit,
            _twice,
            _joined,
        ),
        *(
            _random_bytes,
            _charset,
            _coding,
            _form,
            _chunked,
            _huge,
            _deep,
            _wrong_event,
            _two_events,
            _wrong_id,
        ),
        _no_commit,
    )
}
