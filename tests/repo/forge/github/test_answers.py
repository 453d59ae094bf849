"""What an answer that is none says about asking again."""

import json
import time

import pytest

from agent.repo.forge.errors import ForgeBusy, ForgeError, ForgeRefused, ForgeUnreachable, NotOnForge
from agent.repo.forge.github.answers import KeyRefused, NotPermitted, failed, refusal

SPENT = {"x-ratelimit-remaining": "0"}
DATE = "Sun, 22 Nov 2026 12:00:00 GMT"
NOON = 1795348800


def said(message: str) -> bytes:
    return json.dumps({"message": message, "documentation_url": "https://example.org"}).encode()


@pytest.mark.parametrize(
    ("status", "headers", "message", "seconds"),
    [
        (403, {"retry-after": "30"}, "secondary", 30),
        (429, {"retry-after": "30"}, "", 30),
        (429, {}, "", 60),
        (403, {}, "You have exceeded a secondary rate limit", 60),
        (403, {}, "You have triggered an abuse detection mechanism", 60),
        (403, {**SPENT, "date": DATE, "x-ratelimit-reset": str(NOON + 100)}, "API rate limit exceeded", 101),
        (403, {**SPENT, "date": DATE, "x-ratelimit-reset": str(NOON - 100)}, "", 1),
        (403, {**SPENT, "date": DATE, "x-ratelimit-reset": "soon"}, "", 60),
        (403, SPENT, "", 60),
        (403, {"retry-after": "0"}, "", 1),
        (403, {"retry-after": "9" * 12}, "", 86_400),
        (403, {"retry-after": "-5"}, "", 60),
        (403, {"retry-after": "Wed, 21 Oct 2026 07:28:00 GMT"}, "", 60),
    ],
)
def test_a_limit_says_for_how_long(
    status: int, headers: dict[str, str], message: str, seconds: float
) -> None:
    error = refusal(status, headers, said(message))
    assert isinstance(error, ForgeBusy)
    assert error.seconds == seconds


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("NOT_FOUND", NotOnForge),
        ("FORBIDDEN", NotPermitted),
        ("RATE_LIMITED", ForgeBusy),
        ("RATE_LIMIT", ForgeBusy),
        ("MAX_NODE_LIMIT_EXCEEDED", ForgeRefused),
        ("", ForgeRefused),
    ],
)
def test_an_error_of_a_query_is_of_its_kind(kind: str, expected: type[ForgeError]) -> None:
    body = json.dumps({"data": None, "errors": [{"type": kind, "message": "That\u001b[2J went wrong."}]})
    error = failed(kind, body.encode())
    assert type(error) is expected
    assert "went wrong" in error.message and "\x1b" not in error.message


def test_a_reset_without_a_date_is_measured_by_our_clock() -> None:
    error = refusal(403, {**SPENT, "x-ratelimit-reset": str(int(time.time()) + 1000)}, b"")
    assert isinstance(error, ForgeBusy)
    assert 900 < error.seconds < 1100


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, ForgeRefused),
        (401, KeyRefused),
        (403, NotPermitted),
        (404, NotOnForge),
        (406, ForgeRefused),
        (408, ForgeUnreachable),
        (409, ForgeRefused),
        (410, NotOnForge),
        (422, ForgeRefused),
        (451, ForgeRefused),
        (500, ForgeUnreachable),
        (502, ForgeUnreachable),
        (503, ForgeUnreachable),
    ],
)
def test_each_status_has_its_error(status: int, kind: type) -> None:
    error = refusal(status, {"x-ratelimit-remaining": "17"}, said("Something"))
    assert type(error) is kind
    assert error.message == f"GitHub answered {status}: Something"


def test_details_are_said_and_nothing_that_moves_a_terminal() -> None:
    body = {
        "message": "Validation Failed\x1b[31m",
        "errors": [{"resource": "Label", "code": "invalid", "field": "color"}, {"message": "no draft"}, "x"],
    }
    error = refusal(422, {}, json.dumps(body).encode())
    assert error.message == "GitHub answered 422: Validation Failed\\x1b[31m; color invalid; no draft; x"


@pytest.mark.parametrize(
    "body", [b"", b"<html>", b"[]", b"1", b"[" * 100_000, b'{"message": 3, "errors": {"a": 1}}', b"\xff"]
)
def test_any_body_is_an_answer(body: bytes) -> None:
    assert refusal(422, {}, body).message.startswith("GitHub answered 422")


def test_a_secret_in_an_answer_is_not_repeated() -> None:
    token = "ghp_" + "a1B2" * 9
    error = refusal(422, {}, said(f"Bad token {token} given"))
    assert token not in error.message
