"""What a running task tells holds until its next event."""

from agent.protocol.progress import Progress
from tui.panes.work.now import Now, figures


def test_a_phase_keeps_what_was_said_of_it() -> None:
    now = Now()
    now.take(Progress(phase="search", candidates=1_200, candidates_per_second=310.4, best="a.py:3"))
    now.take(Progress(phase="search", message="templates", seconds_left=12.34))
    assert now.progress is not None
    assert figures(now.progress) == (
        "search",
        "templates",
        "1,200 candidates",
        "310/s",
        "best: a.py:3",
        "12 s left",
    )
    now.take(Progress(phase="verify", done=3, total=10))
    assert figures(now.progress) == ("verify", "3/10")


def test_what_a_model_says_grows_and_can_be_taken_back() -> None:
    now = Now()
    for text in ("I ", "look"):
        now.take(Progress(phase="model", text=text))
    assert now.said == "I look"
    now.take(Progress(phase="model", text="", message="again"))
    assert now.said == ""


def test_an_event_ends_what_was_told_and_hands_over_what_was_printed() -> None:
    now = Now()
    now.take(Progress(phase="verify", output="one\ntw"))
    now.take(Progress(phase="verify", output="o\n"))
    printed = now.end()
    assert printed is not None and printed.text() == "one\ntwo"
    assert now.progress is None and now.end() is None
