"""What points from one text to the other things of a task."""

import pytest

from agent.publishing.rendering.pen import Pen
from agent.publishing.rendering.traces import Missing, Traces, link, whereabouts
from tests.publishing.hostile import HOSTILE
from tests.publishing.markdown import tokens

PEN = Pen()


@pytest.mark.parametrize(
    "address",
    [
        "https://github.com/acme/shop/pull/13",
        "https://github.com/acme/shop/tree/ratchet/20261122-101112-0a1b2c3d",
        "http://127.0.0.1:8080/acme/shop/pull/12#pullrequestreview-7",
        "https://ghe.example.org:8443/a/b/runs/9?check_suite_focus=true",
    ],
)
def test_an_address_of_a_forge_is_a_link(address: str) -> None:
    (opened,) = [token for token in tokens(link("Review", address)) if token.type == "link_open"]
    assert opened.attrs == {"href": address}


def test_what_is_no_address_is_no_link() -> None:
    strange = [
        "javascript://x/%0aalert(1)",
        "https://a b/c",
        "https://a/b)(c",
        "https://a/b\nc",
        "//a/b",
        "/a/b",
    ]
    strange += ["https://a/b\u202e", "https://a@b/c", "https://a/b>c", "https://a/b`c", "ftp://a/b", ""]
    for address in (*strange, *HOSTILE):
        if not address.startswith("http://evil.example/x"):
            assert link("Review", address) == "Review", address


def test_what_could_not_be_made_is_named_and_what_is_not_there_is_not() -> None:
    told = Traces(missing=(Missing(what="The branch could not be pushed", why="rejected: @hook"),))
    said = [one for one in whereabouts(told, "", PEN) if one]
    assert said == ["**The branch could not be pushed:** rejected\\: `@hook`"]
    assert [one for one in whereabouts(Traces(), "", PEN) if one] == []
