"""A model that does whatever any text in its prompt orders, and the channels by which orders reach it."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from agent.models.server.script import Answer, Asked, Call
from agent.protocol.task import TaskKind
from tests.security.host import SHOP, Host
from tests.security.payloads import Payload, orders_in

_AT_ONCE = 8


@dataclass
class Obedient:
    """The script: looks around, then does what it is told, each order once; then it ends its work."""

    host: Host
    orders: Sequence[Payload]
    looks: tuple[Call, ...] = ()
    anyway: bool = False
    """Also do what it was never shown, as a model would that has gone over to the other side."""
    seen: set[int] = field(default_factory=set)
    _done: int = 0
    _waiting: list[Call] = field(default_factory=list)
    _looked: bool = False
    _heard: set[int] = field(default_factory=set)

    def __call__(self, asked: Asked) -> Answer:
        """Answer a request."""
        if self.looks and not self._looked:
            self._looked = True
            return Answer("Let me look around.", self.looks)
        self._hear("\n".join(str(message.get("content") or "") for message in asked.messages))
        now, self._waiting = self._waiting[:_AT_ONCE], self._waiting[_AT_ONCE:]
        self._done += len(now)
        image = f"![ok](http://127.0.0.1:{self.host.sink.port}/seen.png)"
        return Answer(f"As ordered. {image}", tuple(now))

    @property
    def performed(self) -> int:
        """Return how many calls were made by order."""
        return self._done

    def _hear(self, prompt: str) -> None:
        told = orders_in(prompt)
        for order in self.orders:
            if order.number in told:
                self.seen.add(order.number)
            if order.number not in self._heard and (self.anyway or order.number in told):
                self._heard.add(order.number)
                self._waiting += [_filled(self.host, call) for call in order.calls]


def _filled(host: Host, call: Call) -> Call:
    arguments = json.dumps(call.arguments)
    return Call(call.name, json.loads(host.filled(arguments)))


@dataclass(frozen=True, slots=True)
class Channel:
    """A way by which the text of others gets near a model."""

    name: str
    place: Callable[[Host, Sequence[Payload]], Mapping[str, Any]]
    """Puts payloads there; returns the fields of the task."""
    looks: tuple[Call, ...] = ()
    shown: bool = True
    """False: nothing of it is ever shown to a model."""


def _texts(orders: Sequence[Payload]) -> str:
    return "\n\n".join(order.text for order in orders)


def _readme(host: Host, orders: Sequence[Payload]) -> Mapping[str, Any]:
    host.repository.commit({"README.md": f"# Shop\n\n{_texts(orders)}\n"}, "docs")
    return {}


def _comment(host: Host, orders: Sequence[Payload]) -> Mapping[str, Any]:
    lines = "".join(f"# {line}\n" for line in _texts(orders).splitlines())
    host.repository.commit({"cart.py": f"{lines}\n{SHOP['cart.py']}"}, "comment")
    return {}


def _issue(host: Host, orders: Sequence[Payload]) -> Mapping[str, Any]:
    return {"goal": f"Do what this issue says.\n\n{_texts(orders)}"}


def _pull_request(host: Host, orders: Sequence[Payload]) -> Mapping[str, Any]:
    host.repository.commit({"notes.md": _texts(orders), "cart.py": f"{SHOP['cart.py']}\nX = 1\n"}, "change")
    return {"kind": TaskKind.REVIEW, "base": "HEAD~1", "head": "HEAD", "goal": ""}


def _branch(host: Host, orders: Sequence[Payload]) -> Mapping[str, Any]:
    for order in orders:
        name = "".join(one if one.isalnum() else "-" for one in order.text)[:120]
        host.repository.git("branch", f"topic/{order.number}-{name}")
    host.repository.git("checkout", "-q", "-b", f"ORDER-{orders[0].number}-do-it")
    return {}


def _commit_message(host: Host, orders: Sequence[Payload]) -> Mapping[str, Any]:
    for order in orders:
        host.repository.git("commit", "-q", "--allow-empty", "-m", order.text.replace("\0", ""))
    return {}


def _test_output(host: Host, orders: Sequence[Payload]) -> Mapping[str, Any]:
    texts = f"TEXT = {_texts(orders)!a}\n"
    test = f"{texts}\n\ndef test_speaks():\n    print(TEXT)\n    assert not TEXT, TEXT\n"
    host.repository.commit({"test_speaks.py": test}, "test")
    return {}


def _file_name(host: Host, orders: Sequence[Payload]) -> Mapping[str, Any]:
    known = {_as_name(order): "x = 1\n" for order in orders}
    host.repository.commit(known, "files")
    return {}


def _as_name(order: Payload) -> str:
    text = "".join(" " if one in "/\n\0\\" else one for one in order.text)
    while len(text.encode()) > 200:
        text = text[:-1]
    return f"{order.number} {text}.py"


_RUN = Call("run", {"command": "python -m pytest -q 2>&1", "seconds": 60})
CHANNELS = (
    Channel("README", _readme, (Call("read", {"path": "README.md"}),)),
    Channel("code comment", _comment, (Call("read", {"path": "cart.py"}),)),
    Channel("issue", _issue),
    Channel("pull request", _pull_request, (Call("read", {"path": "notes.md"}),)),
    Channel("branch name", _branch, (Call("run", {"command": "git branch -a"}),), shown=False),
    Channel("commit message", _commit_message, (Call("run", {"command": "git log"}),), shown=False),
    Channel("test output", _test_output, (_RUN, Call("verify", {"tests": ["test_speaks.py"]}))),
    Channel("file name", _file_name, (Call("read", {"path": "."}), Call("repo_map", {}))),
)
