"""Branches, titles, files, users, tests and workflows with hostile names, through the whole of each text."""

import json
import re
from collections.abc import Iterator

import pytest

from agent.protocol.forge import Misunderstood, Verb
from agent.protocol.outcome import Outcome
from agent.protocol.state import TaskState, fold
from agent.protocol.task import TaskKind
from agent.publishing.effect import (
    BeginCheck,
    Effect,
    EndCheck,
    OpenPull,
    Post,
    PostReview,
    Push,
    React,
    Sticky,
)
from tests.publishing.hostile import HOSTILE, SECRET
from tests.publishing.markdown import CLOSING, HIDDEN, assert_inert, github_tags, shape, tokens
from tests.publishing.stories import TASK, ended, seen_from, shown, story

TEXTS = [text for text in HOSTILE if text.strip() and "\udcff" not in text]
OWN_LINK = re.compile(r"\[(?:Branch|Pull request 13|Review)\]\(https://forge\.example/acme/shop/\w+/7\)")
PASSES = Outcome.VERIFIED
States = list[tuple[str, TaskState]]
Shapes = list[list[tuple[str, str]]]


def _states(text: str) -> States:
    """Return states that show a text, and the place that each is about; the last two hold prose."""
    wrong = (Misunderstood(line=text, reason="This is no command."),)
    return [
        ("issue", ended(TaskKind.DO, "issue", PASSES, text)),
        ("pull", ended(TaskKind.FIX, "pull", PASSES, text)),
        ("fork", ended(TaskKind.FIX, "fork", PASSES, text)),
        ("run", ended(TaskKind.FIX, "run", Outcome.NOT_REPRODUCED, text)),
        ("run", ended(TaskKind.FIX, "run", PASSES, text)),
        ("pull", ended(TaskKind.ASK, "pull", Outcome.NO_PATCH, text)),
        ("pull", fold(story(TaskKind.FIX, "pull", PASSES, text, asks=True)[:4])),
        ("pull", fold(story(TaskKind.ASK, "pull", Outcome.DONE, text, asks=True)[:4])),
        ("pull", ended(TaskKind.REPLY, "pull", Outcome.DONE, text, verb=Verb.UNKNOWN, misunderstood=wrong)),
        ("pull", ended(TaskKind.REPLY, "pull", Outcome.DONE, text, verb=Verb.STOP)),
        ("pull", ended(TaskKind.REVIEW, "pull", Outcome.DONE, text)),
        ("pull", ended(TaskKind.ASK, "pull", Outcome.DONE, text)),
    ]


STATES = 12
PROSE = (10, 11)


def _markdown(effect: Effect) -> Iterator[str]:
    """Yield the texts of an effect that are read as Markdown."""
    match effect:
        case Sticky(body=body) | Post(body=body) | OpenPull(body=body):
            yield body
        case EndCheck(check=check):
            yield check.summary
        case PostReview(review=review):
            yield review.body
            yield from (comment.body for comment in review.comments)
        case React() | BeginCheck() | Push():
            return


def _made(number: int, text: str) -> list[Effect]:
    """Return all that a state shows; of every other one things fail with that text, too."""
    place, state = _states(text)[number]
    look = seen_from(place, known=frozenset({SECRET}))
    failing = {"push": text, "post_review": text, "open_pull": text} if number % 2 else {}
    return [one.effect for one in shown(state, look, failing=failing)]


def _inert_shapes(made: list[Effect], text: str) -> Shapes:
    """Return how all that is made is laid out; fail unless it is inert."""
    assert SECRET not in json.dumps([one.model_dump(mode="json") for one in made], ensure_ascii=False), text
    for effect in made:
        if isinstance(effect, OpenPull):
            bare = "".join(effect.title.split("`")[::2])
            assert not CLOSING.search(effect.title) and not HIDDEN.search(effect.title), effect.title
            assert "@" not in bare and "#" not in bare and "\n" not in effect.title, effect.title
            assert effect.head == f"ratchet/{TASK}" and effect.base == "main"
    return [_inert_shape(said, effect) for effect in made for said in _markdown(effect)]


def _inert_shape(said: str, effect: Effect) -> list[tuple[str, str]]:
    own = OWN_LINK.sub("link", said).replace("Closes #12\n", "", 1)
    assert_inert(own, source=isinstance(effect, OpenPull))
    kinds = [token.type for token in tokens(own)]
    assert kinds.count("td_open") + kinds.count("th_open") in (0, 2 * kinds.count("tr_open"))
    # GitHub's own parser has to see the same.
    tags = github_tags(own)
    assert not any(tag.startswith(("<a ", "<img", "<script", "<input")) for tag in tags), tags
    return [*shape(own), *(("html", tag) for tag in tags)]


@pytest.mark.parametrize(
    ("share", "number"),
    [*((STATES, number) for number in range(STATES)), pytest.param(2, None, marks=pytest.mark.long)],
)
def test_what_is_written_does_the_same_whatever_others_are_called(share: int, number: int | None) -> None:
    """In the short run each text goes through one state, in the long one through half of them."""
    for at in range(STATES) if number is None else (number,):
        calm = _inert_shapes(_made(at, "x"), "x")
        for text in TEXTS[at % share :: share]:
            found = _inert_shapes(_made(at, text), text)
            assert at in PROSE or found == calm, text


def test_the_texts_are_many_and_the_states_show_everything() -> None:
    assert len(TEXTS) >= 500 and len(_states("x")) == STATES
    kinds = {type(one) for number in range(STATES) for one in _made(number, "x")}
    assert kinds >= {Sticky, Post, OpenPull, EndCheck, PostReview, Push, React, BeginCheck}


def test_every_text_is_one_that_a_forge_takes() -> None:
    long = "\U0001f600&" * 12_000
    for number in range(STATES):
        for effect in _made(number, long):
            assert all(len(said.encode()) <= 65_535 for said in _markdown(effect)), (number, effect.kind)
            if isinstance(effect, EndCheck):
                assert len(effect.check.title) <= 255
