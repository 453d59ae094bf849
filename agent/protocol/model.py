"""A language model as the user named it: where it is reached, what it takes and what it costs."""

from enum import StrEnum
from urllib.parse import urlsplit

from pydantic import Field

from agent.protocol.value import Value

_LOOPBACK = ("localhost", "127.0.0.1", "::1")


class Role(StrEnum):
    """What a model is asked for; each may have a profile of its own."""

    PLAN = "plan"
    EDIT = "edit"
    REVIEW = "review"


class Api(StrEnum):
    """The protocol of an endpoint."""

    CHAT = "chat"
    """Chat Completions, which every compatible server has."""
    RESPONSES = "responses"


class OutputField(StrEnum):
    """How an endpoint of Chat Completions calls the bound on an answer; Responses has one name for it."""

    MAX_TOKENS = "max_tokens"
    MAX_COMPLETION_TOKENS = "max_completion_tokens"
    """What OpenAI's reasoning models want."""


class EditFormat(StrEnum):
    """How a model writes its edits; small models do best with whole files."""

    SEARCH_REPLACE = "search_replace"
    UNIFIED_DIFF = "unified_diff"
    V4A = "v4a"
    WHOLE_FILE = "whole_file"
    SYMBOL = "symbol"


class Prices(Value):
    """US dollars per million tokens; 0 for a model of one's own."""

    input: float = Field(default=0.0, ge=0)
    output: float = Field(default=0.0, ge=0)
    cached: float | None = Field(default=None, ge=0)
    """Input found in the endpoint's cache; None means the price of `input`."""


class ModelProfile(Value):
    """`[models.NAME]`; holds no secret, only where the key is found."""

    name: str
    base_url: str = Field(pattern=r"^https?://[!-\"$-.0->A-~]+(/[!-~]*)?$")
    """Holds no user and password; see `key`. ASCII, as RFC 3986 has it; other hosts in their `xn--` form."""
    model: str
    key: str = Field(default="", pattern=r"^((env|keyring):.+)?$")
    """`env:VARIABLE` or `keyring:SERVICE`; empty for an endpoint that wants none."""
    context: int = Field(default=32_768, ge=1024)
    """Tokens of prompt and answer together."""
    max_output: int = Field(default=4096, ge=64)
    """Tokens of one answer."""
    prices: Prices = Prices()
    api: Api = Api.CHAT
    tools: bool = True
    """False: tools are called in plain text."""
    stream: bool = True
    system: bool = True
    """False: there is no system role; its text goes into the first user message."""
    output_field: OutputField = OutputField.MAX_TOKENS
    stream_usage: bool = True
    """False: the endpoint refuses `stream_options`, so tokens of streamed answers are estimated."""
    edit_format: EditFormat | None = None
    """None: whole files below 16,000 tokens of context, else search/replace blocks."""
    temperature: float | None = Field(default=None, ge=0, le=2)
    first_byte_seconds: float = Field(default=120.0, gt=0)
    """Longest wait for the first byte of a streamed answer."""
    idle_seconds: float = Field(default=60.0, gt=0)
    """Longest silence within an answer."""
    total_seconds: float = Field(default=600.0, gt=0)
    """Longest time of one request, with all its attempts and the waits between them."""

    @property
    def host(self) -> str:
        """Return the host that prompts go to."""
        return urlsplit(self.base_url).hostname or ""

    @property
    def is_remote(self) -> bool:
        """Say whether prompts leave this machine."""
        return self.host not in _LOOPBACK
