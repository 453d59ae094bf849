"""Messages of commits that a forge makes nothing of."""

import re

import pytest

from agent.untrusted.inert import inert
from tests.publishing.hostile import HOSTILE

# As GitHub and GitLab read them.
MENTION = re.compile(r"(?<!\w)[@\uff20]\w")
CLOSING = re.compile(
    r"\b(?:clos(?:e[sd]?|ing)|fix(?:e[sd]|ing)?|resolv(?:e[sd]?|ing)|implement(?:s|ed|ing)?):? *"
    r"(?:[\w./-]*[#!]\d+|GH-\d+|https?://\S)",
    re.IGNORECASE,
)
SKIPPED = re.compile(r"\[(?:skip ci|ci skip|no ci|skip actions|actions skip)\]|^skip-checks:", re.I | re.M)
TRAILER = re.compile(r"^[\w-]+-by: ", re.I | re.M)


def test_hostile_texts_do_nothing() -> None:
    for text in HOSTILE:
        said = inert(text)
        for acting in (MENTION, CLOSING, SKIPPED, TRAILER):
            assert not acting.search(said), (text, said)
        assert inert(said) == said and said.count("\n") == text.count("\n")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("fixes #12 and GH-3, octo/repo#7", "fixes # 12 and GH- 3, octo/repo# 7"),
        ("thanks to @octocat", "thanks to @ octocat"),
        ("x\n\nCo-authored-by: Eve <eve@evil.example>", "x\n\nCo-authored-by : Eve <eve@evil.example>"),
        ("x [skip ci]\n\nskip-checks: true", "x [ skip ci]\n\nskip-checks : true"),
        ("closes https://github.com/o/r/issues/1", "closes https:// github.com/o/r/issues/1"),
        ("Sort a[0] # by name: 3 != 4", "Sort a[0] # by name: 3 != 4"),
        ("mail a@b.example\n\nsee: the plan", "mail a@b.example\n\nsee: the plan"),
    ],
)
def test_only_what_a_forge_acts_on_is_broken_up(text: str, said: str) -> None:
    assert inert(text) == said
