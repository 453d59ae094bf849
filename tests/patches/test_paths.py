"""An edit names a file inside the tree, and never git's own directory under any alias."""

import posixpath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.patches.paths import checked_path, is_git_alias, path_fault
from agent.protocol.errors import PatchRefused

ALLOWED = (
    *("a", "a/b.py", ".github/workflows/ci.yml", ".gitignore", ".gitattributes", "git", "git~", "x.git/y"),
    *("-rf", "a b", "ünï/日本.py", "ab:c", "...", "..a", "a..", "$(x)", "%2e%2e/x", "\u2028", "con"),
)
ALIASES = (
    *(".git", ".GIT", ".Git", ".git.", ".git ", ".git . .", "git~1", "GIT~1", "git~2", ".git:"),
    *(".git::$INDEX_ALLOCATION", ".g\u200cit", "\u200d.git", ".git\ufeff", ".gi\u202et"),
    *("\uff0egit", ".\uff47\uff49\uff54"),
)
OUTSIDE = (
    *("", "/", "/etc/passwd", "..", "../x", "a/../b", "a/..", ".", "./a", "a/./b", "a//b", "a/", "C:/x"),
    *("c:x", "a\\b", "\\\\host\\x", "a\0b", "a\nb", "a\x1b", "a\x7f", "\udce9", "x" * 256, "x/" * 3000 + "y"),
)


@pytest.mark.parametrize("path", ALLOWED)
def test_ordinary_and_odd_names_are_allowed(path: str) -> None:
    assert checked_path(path) == path


@pytest.mark.parametrize("part", ALIASES)
def test_every_alias_of_the_git_directory_is_known(part: str) -> None:
    assert is_git_alias(part)
    for path in (part, f"{part}/config", f"a/{part}", f"a/{part}/hooks/x"):
        with pytest.raises(PatchRefused, match="git's own directory"):
            checked_path(path)


@pytest.mark.parametrize("path", OUTSIDE)
def test_paths_that_leave_the_tree_or_are_not_normal_are_refused(path: str) -> None:
    with pytest.raises(PatchRefused) as caught:
        checked_path(path)
    assert caught.value.hint
    assert caught.value.message.isprintable()


@given(st.lists(st.sampled_from(["..", ".", "", "a", ".git", "/", "~", "b\\c", "\u200c.git"]), max_size=6))
def test_an_allowed_path_stays_inside_wherever_it_is_joined(parts: list[str]) -> None:
    path = "/".join(parts)
    if not path_fault(path):
        joined = posixpath.normpath(posixpath.join("/root/tree", path))
        assert joined == f"/root/tree/{path}"
        assert ".git" not in joined.split("/")


@given(st.text(max_size=40))
def test_any_text_gets_an_answer(path: str) -> None:
    assert isinstance(path_fault(path), str)
