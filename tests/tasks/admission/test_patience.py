"""Waiting for a forge that is busy or away."""

import threading

import pytest

from agent.protocol.errors import Interrupted
from agent.repo.forge.errors import ForgeBusy, ForgeRefused, ForgeUnreachable, NotOnForge
from agent.repo.remote import RemoteAway
from agent.tasks.admission.patience import patiently


class Answers:
    """Raises each error in turn, and then answers."""

    def __init__(self, *errors: Exception) -> None:
        self.errors = list(errors)
        self.said: list[str] = []

    def ask(self) -> str:
        if self.errors:
            raise self.errors.pop(0)
        return "answer"

    def wait(self, most: float = 900.0, cancel: threading.Event | None = None) -> str:
        return patiently(self.ask, cancel=cancel or threading.Event(), say=self.said.append, most=most)


def test_a_forge_that_is_busy_or_away_for_a_moment_is_asked_again() -> None:
    answers = Answers(ForgeBusy("leave me alone", seconds=0.0), RemoteAway("no answer"))
    assert answers.wait() == "answer"
    assert answers.said == [
        "waiting 1 s for the forge: leave me alone",
        "waiting 2 s for the forge: no answer",
    ]


def test_who_is_to_wait_longer_than_there_is_patience_does_not_wait_at_all() -> None:
    answers = Answers(ForgeBusy("come back tomorrow", seconds=86_400.0))
    with pytest.raises(ForgeBusy, match="tomorrow"):
        answers.wait()
    assert answers.said == []
    with pytest.raises(ForgeUnreachable):
        Answers(ForgeUnreachable("away")).wait(most=0.5)


@pytest.mark.parametrize("error", [ForgeRefused("no"), NotOnForge("gone")])
def test_a_no_is_an_answer(error: Exception) -> None:
    answers = Answers(error)
    with pytest.raises(type(error)):
        answers.wait()
    assert answers.said == []


def test_waiting_ends_when_nobody_wants_it_any_more() -> None:
    cancel = threading.Event()
    cancel.set()
    with pytest.raises(Interrupted):
        Answers(ForgeBusy("later", seconds=600.0)).wait(cancel=cancel)
