"""How a scripted server counts tokens, and how it lies about them."""

import json

from agent.models.server.script import Answer, Asked, Fault


def count(answer: Answer, asked: Asked) -> tuple[int, int]:
    """Return tokens of prompt and answer: a quarter of the characters, which tests take as the truth."""
    said = answer.text + "".join(call.name + written(call.arguments) for call in answer.calls)
    return len(json.dumps(asked.messages)) // 4 + 1, len(said) // 4 + 1


def stated(answer: Answer, asked: Asked) -> tuple[int, int] | None:
    """Return what the server says, which a fault may make a lie; None means it does not say."""
    if answer.fault is Fault.USAGE_MISSING:
        return None
    lies = {
        Fault.USAGE_NEGATIVE: (-7, -1),
        Fault.USAGE_LOW: (1, 0),
        Fault.USAGE_HUGE: (10**12, 10**15),
    }
    return lies.get(answer.fault) if answer.fault in lies else answer.usage or count(answer, asked)


def written(arguments: object) -> str:
    """Return arguments as JSON text."""
    return arguments if isinstance(arguments, str) else json.dumps(arguments)


def pieces(text: str, size: int = 9) -> list[str]:
    """Cut a text as a stream would."""
    return [text[i : i + size] for i in range(0, len(text), size)]
