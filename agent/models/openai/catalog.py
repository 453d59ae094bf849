"""Which models an endpoint says it has."""

import threading
import time
from collections.abc import Iterator

from agent.models.faults import ModelFault
from agent.models.openai.answer import entries, mapping
from agent.models.openai.errors import fault_of, without_key
from agent.models.openai.line import FORESEEN, Call, Line, Patience
from agent.protocol.model import ModelProfile

_PATH = "/models"
_CONTEXTS = ("max_model_len", "context_length", "context_window", "max_context_length")
"""Where vLLM and others say how long a prompt may be; OpenAI and Ollama do not."""


def catalog(profile: ModelProfile, key: str, seconds: float) -> dict[str, int | None]:
    """Return the names of the models, with the context in tokens where that is told; raises ModelFault."""
    line = Line(Call(profile.base_url, _PATH, None, key, stream=False, proxied=profile.is_remote))
    patience = Patience(seconds, seconds, time.monotonic() + seconds)
    try:
        document = next(line.documents(patience, threading.Event())).content
        return dict(_rows(document))
    except ModelFault as fault:
        raise without_key(fault, key) from None
    except FORESEEN as error:
        broken = fault_of(error, connected=line.connected, answered=line.answered)
        raise without_key(broken, key) from None


def _rows(document: object) -> Iterator[tuple[str, int | None]]:
    for one in entries(mapping(document, "the list of models").get("data"), "the list of models"):
        row = mapping(one, "a model")
        told = (row.get(name) for name in _CONTEXTS)
        context = next((value for value in told if isinstance(value, int) and value > 0), None)
        yield str(row.get("id", "")), context
