"""What a replayed delivery says of what the forge did not take."""

from agent.cli.bot.missing import missing
from agent.protocol.api import MadeEffect

NO, FULL = "GitHub answered 403: no", "GitHub answered 422: too much"


def said(**failed: str) -> list[str]:
    made = (
        MadeEffect(name=name.replace("__", "/").replace("_", ":"), failed=why) for name, why in failed.items()
    )
    return list(missing("t1", tuple(made)))


def test_one_reason_is_one_sentence_in_words_of_readers() -> None:
    assert said(eyes=NO, check=NO, check_end=NO, sticky_end=NO, refused_react=NO, push="") == [
        f"the forge did not take the reaction, the check run and the comment of task t1: {NO}"
    ]


def test_each_reason_has_its_own_and_what_was_taken_none() -> None:
    assert said(answer="", push=NO, review=FULL) == [
        f"the forge did not take the branch of task t1: {NO}",
        f"the forge did not take the review of task t1: {FULL}",
    ]
    assert said(eyes="") == []


def test_an_attempt_is_no_part_of_what_it_is_called() -> None:
    assert said(**{"2__check_end": NO}) == [f"the forge did not take the check run of task t1: {NO}"]
