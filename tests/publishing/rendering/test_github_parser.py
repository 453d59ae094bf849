"""The same in GitHub's own parser (cmark-gfm), which reads some corners of tables and links differently."""

import random
import re
from html import unescape

import pytest

from agent.publishing.rendering.pen import Pen
from tests.publishing.hostile import HOSTILE, SECRET
from tests.publishing.markdown import CLOSING, MENTION, REFERENCE, github_html

PEN = Pen(frozenset({SECRET}))
_AROUND = "Before {0} after.\n\n- {0}\n- {0}: {0}\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\nend\n"
_SIGNS = "@ # ` `` ``` \\ | < > ! [ ] ( ) * _ ~ - : & $ = + { ^ 1 a b é"
_WORDS = "@me #1 GH-1 fixes closes: www. x.io // http :// mailto: 1. 0123456 <!-- --> </details>"
_PIECES = (*_SIGNS.split(), *_WORDS.split(), "`" * 300, "\n", "\t", " ", " ", "\u202e")


def _tags(html: str) -> list[str]:
    return re.findall(r"<[^>]*>", html)


def _without_code(html: str) -> str:
    return re.sub(r"<code>[^<]*</code>", "", html)


def _seen(html: str) -> str:
    return unescape(re.sub(r"<[^>]*>", "\n", _without_code(html)))


def _assert_inert(text: str) -> None:
    for said in (PEN.line(text), PEN.code(text)):
        written = _AROUND.format(said)
        html = github_html(written)
        assert _tags(_without_code(html)) == _tags(github_html(_AROUND.format("x"))), (text, html)
        assert not MENTION.search(_seen(html)) and not REFERENCE.search(_seen(html)), (text, html)
        assert not CLOSING.search(written) and "$" not in _seen(html), (text, written)
    html = github_html(f"before\n\n{PEN.prose(text)}\n\nafter\n")
    assert {*_tags(html)} <= {"<p>", "</p>", "<code>", "</code>", "<pre>", "</pre>"}, (text, html)
    assert not MENTION.search(_seen(html)) and not REFERENCE.search(_seen(html)), (text, html)
    assert html.endswith("<p>after</p>\n"), (text, html)


def test_hostile_texts_are_inert() -> None:
    for text in HOSTILE:
        _assert_inert(text)


@pytest.mark.parametrize("number", [300, pytest.param(20_000, marks=pytest.mark.long)])
def test_texts_made_by_chance_of_what_means_something_are_inert(number: int) -> None:
    chance = random.Random(8)
    for _ in range(number):
        _assert_inert("".join(chance.choices(_PIECES, k=chance.randint(1, 14))))


@pytest.mark.parametrize("length", [*range(50, 90), 254, 255, 256, 257, 300, 999, 1_000, 1_001, 5_000])
def test_no_run_of_back_ticks_is_too_long_for_the_fence_around_it(length: int) -> None:
    run = "`" * length
    for text in (f"{run} @octocat <b>x</b> fixes #1", f"x {run}", f"{run}\n<b>x</b>\n{run}\n@octocat\n"):
        _assert_inert(text)
        (before, after) = github_html(f"{PEN.block(text)}\n\nafter\n").split("</code></pre>")
        assert after == "\n<p>after</p>\n" and before.count("<") == 2, text
        assert not _seen(github_html(f"x {PEN.code(text)} y")).strip(" xy\n"), text
