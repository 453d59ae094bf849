"""What is done while a model thinks."""

import time
from collections.abc import Iterator

import pytest

from agent.models.build import build
from agent.models.faults import ModelFault
from agent.models.model import Listening, Message, Request, Speaker
from agent.models.server.script import Answer, Asked, Fault
from agent.models.server.scripted_server import ScriptedServer
from agent.protocol.errors import RepositoryError
from agent.protocol.model import ModelProfile
from agent.tasks.study_ahead import StudyAhead

REQUEST = Request(messages=(Message(Speaker.USER, "Where is it?"),))


class Thinking(ScriptedServer):
    """Answers after some seconds."""

    def __init__(self, seconds: float) -> None:
        super().__init__(models=("scripted",))
        self._seconds = seconds

    def answer(self, asked: Asked) -> Answer:
        """Return the answer, late."""
        time.sleep(self._seconds)
        return Answer(text="There.")


def model(server: ScriptedServer, pieces: Iterator[None]) -> StudyAhead:
    profile = ModelProfile(name="scripted", base_url=server.base_url, model="scripted")
    return StudyAhead(build(profile), pieces)


def counting(done: list[int], most: int) -> Iterator[None]:
    for number in range(most):
        done.append(number)
        yield


def test_work_is_done_while_the_model_thinks_and_goes_on_in_the_next_turn():
    done: list[int] = []
    with Thinking(0.4) as server:
        asked = model(server, counting(done, 1_000_000))
        assert asked.complete(REQUEST, Listening()).text == "There."
        first = len(done)
        time.sleep(0.05)
        assert len(done) == first > 0
        asked.complete(REQUEST, Listening())
    assert len(done) > first
    assert done == list(range(len(done)))


def test_a_model_that_thinks_on_when_all_is_done_is_waited_for():
    done: list[int] = []
    with Thinking(0.4) as server:
        assert model(server, counting(done, 2)).complete(REQUEST, Listening()).text == "There."
    assert done == [0, 1]


def test_work_that_cannot_be_done_does_not_fail_the_turn():
    def failing() -> Iterator[None]:
        yield
        raise RepositoryError("it has changed since")

    with Thinking(0.4) as server:
        assert model(server, failing()).complete(REQUEST, Listening()).text == "There."


def test_a_fault_of_the_model_ends_the_work_too():
    done: list[int] = []
    with Thinking(0.0) as server:
        asked = model(server, counting(done, 1_000_000))
    with pytest.raises(ModelFault):
        asked.complete(REQUEST, Listening(deadline=time.monotonic() + 0.5))
    ended = len(done)
    time.sleep(0.05)
    assert len(done) == ended


def test_work_ends_when_the_answer_begins_although_its_end_is_long_in_coming():
    done: list[int] = []
    begun: list[int] = []
    stalling = Answer(text="There it is, I think.", fault=Fault.STALL, wait=0.4)
    with ScriptedServer([stalling], models=("scripted",)) as server:
        asked = model(server, counting(done, 1_000_000))
        listening = Listening(on_answer=lambda: begun.append(len(done)), deadline=time.monotonic() + 1.2)
        with pytest.raises(ModelFault):
            asked.complete(REQUEST, listening)
    assert begun[0] > 0
    assert len(done) <= begun[0] + 1
