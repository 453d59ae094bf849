"""What a scripted server is asked and what it answers."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

Json = Mapping[str, Any]


class Fault(StrEnum):
    """What goes wrong with an answer; the comment says what a client sees."""

    RATE = "rate"  # 429, Retry-After in seconds
    RATE_DATE = "rate_date"  # 429, Retry-After as a date
    RATE_SILENT = "rate_silent"  # 429 alone
    RATE_LONG = "rate_long"  # 429, Retry-After of a day
    QUOTA = "quota"  # 429, but the account is empty
    ERROR_500 = "error_500"
    ERROR_502 = "error_502"  # a proxy's HTML page
    ERROR_503 = "error_503"
    ERROR_529 = "error_529"
    UNAUTHORIZED = "unauthorized"
    FORBIDDEN = "forbidden"
    UNKNOWN_MODEL = "unknown_model"
    BAD_REQUEST = "bad_request"
    OVERFLOW = "overflow"  # 400, the prompt is longer than the context
    POLICY = "policy"  # 400, the prompt is against the rules
    REFUSAL = "refusal"  # the model says no in the field made for it
    FILTERED = "filtered"  # the answer ends in a content filter
    RESET = "reset"  # the connection is reset before any byte
    HANG_UP = "hang_up"  # the connection is closed before any byte
    RESET_MIDWAY = "reset_midway"
    CLOSE_MIDWAY = "close_midway"  # a clean end in the middle of the answer
    HALF_LINE = "half_line"  # a clean end in the middle of a line
    DRIP = "drip"  # a byte at a time, for ever
    SILENT = "silent"  # not even headers
    SILENT_BODY = "silent_body"  # headers, then nothing
    STALL = "stall"  # nothing more from the middle on
    INVALID_UTF8 = "invalid_utf8"
    TRUNCATED_JSON = "truncated_json"
    TRUNCATED_ARGUMENTS = "truncated_arguments"  # said to be finished, but a call's JSON is not
    UNKNOWN_TOOL = "unknown_tool"
    WRONG_ARGUMENTS = "wrong_arguments"  # a call's arguments are a list
    DUPLICATE_IDS = "duplicate_ids"
    MISSING_IDS = "missing_ids"
    EMPTY = "empty"
    HUGE = "huge"  # 100 MB in one line
    WRONG_CONTENT_TYPE = "wrong_content_type"
    HTML = "html"  # 200 and an HTML page
    REDIRECT = "redirect"
    GARBAGE = "garbage"  # broken transfer coding
    SHORT_BODY = "short_body"  # less than Content-Length
    COMPRESSED = "compressed"  # a body that grows a thousandfold
    USAGE_MISSING = "usage_missing"
    USAGE_NEGATIVE = "usage_negative"
    USAGE_LOW = "usage_low"
    USAGE_HUGE = "usage_huge"
    NO_FINISH = "no_finish"
    NO_CHOICES = "no_choices"
    NO_DONE = "no_done"  # a stream without [DONE]
    ERROR_MIDWAY = "error_midway"  # an error object inside the stream
    NOT_AN_OBJECT = "not_an_object"
    WRONG_TYPES = "wrong_types"
    DEEP = "deep"  # JSON nested 100,000 deep
    PLAIN_JSON = "plain_json"  # one JSON answer where a stream was asked for


@dataclass(frozen=True, slots=True)
class Call:
    """A tool call to answer with; `arguments` is an object, or text that is sent as it is."""

    name: str
    arguments: Json | str = field(default_factory=dict)
    id: str = ""
    """Empty means one is made up."""


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer; or what goes wrong instead of, or with it."""

    text: str = ""
    calls: tuple[Call, ...] = ()
    finish: str | None = None
    """As Chat Completions names it; None means what fits."""
    usage: tuple[int, int] | None = None
    """Tokens of prompt and answer to state; None means a quarter of the characters."""
    fault: Fault | None = None
    cut: int | None = None
    """End the body cleanly after so many bytes."""
    wait: float = 0.0
    """Seconds before anything is sent."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A request as the server got it."""

    path: str
    headers: Mapping[str, str]
    """Names in lower case."""
    body: Json
    at: float = 0.0
    """When all of it was there, by `time.perf_counter()`; what a server does with it comes after."""

    @property
    def is_chat(self) -> bool:
        """Say whether it is for Chat Completions rather than Responses."""
        return self.path.endswith("/chat/completions")

    @property
    def stream(self) -> bool:
        """Say whether a stream was asked for."""
        return bool(self.body.get("stream"))

    @property
    def messages(self) -> list[Json]:
        """Return the messages, or the input items of Responses."""
        return list(self.body.get("messages", self.body.get("input", ())))

    @property
    def last(self) -> str:
        """Return the text of the last message: what a tool said, or the user."""
        if not self.messages:
            return ""
        return str(self.messages[-1].get("content") or self.messages[-1].get("output") or "")


Reply = Answer | Call | str
"""Short forms: a call alone, a text alone."""
Script = Iterable[Reply] | Callable[[Asked], Reply]


def as_answer(reply: Reply) -> Answer:
    """Return the answer that a short form stands for."""
    if isinstance(reply, str):
        return Answer(text=reply)
    return Answer(calls=(reply,)) if isinstance(reply, Call) else reply


def answer_from(line: Json) -> Answer:
    """Read an answer from a line of a script file, whose keys are the fields of Answer and Call."""
    known = dict(line)
    calls = tuple(Call(**call) for call in known.pop("calls", ()))
    fault = known.pop("fault", None)
    usage = known.pop("usage", None)
    return Answer(
        calls=calls,
        fault=Fault(fault) if fault else None,
        usage=(usage[0], usage[1]) if usage else None,
        **known,
    )
