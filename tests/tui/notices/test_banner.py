"""The banner says why the daemon is gone until it is there again."""

from tui.feed.feed import Link, LinkState
from tui.notices.banner import banner


def test_the_banner_stays_from_the_cut_until_the_daemon_is_there_again() -> None:
    states = [
        LinkState(Link.CONNECTING),
        LinkState(Link.UP),
        LinkState(Link.LOST, "the connection is cut", "tasks go on"),
        LinkState(Link.CONNECTING),
        LinkState(Link.DOWN, "the daemon cannot start: no space", "free some"),
        LinkState(Link.CONNECTING, "starting the daemon"),
        LinkState(Link.UP),
    ]
    said, shown = [], False
    for state in states:
        said.append(banner(state, was_shown=shown))
        shown = bool(said[-1])
    assert said == [
        "",
        "",
        "! the connection is cut · tasks go on · looking for it",
        "looking for the daemon again…",
        "! the daemon cannot start: no space · free some · Ctrl+R tries again",
        "starting the daemon",
        "",
    ]


def test_a_recording_says_where_it_is() -> None:
    assert banner(LinkState(Link.RECORDED, "a recording, paused"), was_shown=True) == "a recording, paused"
    assert banner(LinkState(Link.RECORDED, "playing", "F9 pauses"), was_shown=True) == "playing · F9 pauses"
