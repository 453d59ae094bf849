"""What endpoints answer when they do not answer, told apart."""

import pytest

from agent.models.openai.errors import retry_after, said

NOW = 1_750_000_000.0


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"retry-after": "7"}, 7.0),
        ({"retry-after": "0.5"}, 0.5),
        ({"retry-after": "Sun, 15 Jun 2025 15:07:10 GMT"}, 30.0),
        ({"retry-after": "Sun, 15 Jun 2025 15:00:00 GMT"}, 0.0),
        ({"retry-after-ms": "250", "retry-after": "9"}, 0.25),
        ({"retry-after": "-3"}, None),
        ({"retry-after": "nan"}, None),
        ({"retry-after": "inf"}, None),
        ({"retry-after": "soon"}, None),
        ({"retry-after": ""}, None),
        ({"retry-after": "Sun, 99 Jun 2025 99:99:99 GMT"}, None),
    ],
)
def test_a_wait_is_read_as_a_number_or_a_date(headers: dict[str, str], seconds: float | None) -> None:
    assert retry_after(headers, NOW) == seconds


@pytest.mark.parametrize(
    ("words", "kind"),
    [
        ("This model's maximum context length is 8192 tokens.", "overflow"),
        ("the request exceeds the available context size", "overflow"),
        ("exceed_context_size_error", "overflow"),
        ("prompt is too long: 210000 tokens > 200000 maximum", "overflow"),
        ("You exceeded your current quota, please check your plan", "quota"),
        ("The response was filtered by our content policy", "refused"),
        ("Overloaded", "overload"),
        ("Rate limit reached for requests", "rate"),
        ("something else", "overload"),
    ],
)
def test_the_words_of_an_error_say_its_kind(words: str, kind: str) -> None:
    assert said({"error": {"message": words}}).kind == kind


def test_long_words_of_an_endpoint_are_cut() -> None:
    fault = said({"error": {"message": "no\n" * 10_000}})
    assert len(fault.message) < 400
    assert "\n" not in fault.message
