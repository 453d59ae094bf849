"""Long pastes are one mark on screen, and whole when they are sent."""

from tui.prompt.pasted import Pasted

LOG = "\n".join(f"line {number}" for number in range(120))


def test_a_long_paste_is_a_mark_until_it_is_sent() -> None:
    pasted = Pasted()
    mark = pasted.fold(LOG)
    assert mark == "[pasted 120 lines]"
    assert pasted.whole(f"why? {mark} and") == f"why? {LOG} and"
    assert pasted.mark_before(f"why? {mark}") == mark
    assert pasted.mark_before("why?") == ""


def test_a_short_paste_stays_as_it_is() -> None:
    assert Pasted().fold("one\ntwo") == "one\ntwo"
    assert Pasted().fold("x" * 5000) == "[pasted 5000 characters]"


def test_pastes_of_the_same_size_are_told_apart() -> None:
    pasted, other = Pasted(), LOG.upper()
    marks = [pasted.fold(LOG), pasted.fold(other), pasted.fold(LOG)]
    assert marks == ["[pasted 120 lines]", "[pasted 120 lines, 2]", "[pasted 120 lines]"]
    assert pasted.whole(" ".join(marks)) == f"{LOG} {other} {LOG}"
    assert Pasted(pasted.marks_in(marks[1])).whole(marks[1]) == other


def test_a_mark_inside_of_a_paste_is_text_of_the_paste() -> None:
    pasted, text = Pasted(), "[pasted 120 lines]\n" * 9
    first, second = pasted.fold(text), pasted.fold(LOG)
    assert second == "[pasted 120 lines]"
    assert pasted.whole(f"{first}{second}") == text + LOG
