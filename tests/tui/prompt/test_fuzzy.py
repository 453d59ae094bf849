"""What was typed finds the name that somebody means."""

import itertools
import random

import pytest

from tui.prompt.fuzzy import Names

PATHS = (
    "README.md",
    "agent/verify/compare.py",
    "agent/verify/verdict.py",
    "shop/cart.py",
    "shop/cart_items.py",
    "shop/shopping_cart_view.py",
    "tests/test_cart.py",
)


@pytest.mark.parametrize(
    ("part", "best"),
    [
        ("cart", ["shop/cart.py", "shop/cart_items.py", "tests/test_cart.py"]),
        ("shop/c", ["shop/cart.py"]),
        ("README", ["README.md"]),
        ("scv", ["shop/shopping_cart_view.py"]),
        ("verd", ["agent/verify/verdict.py"]),
        ("avc", ["agent/verify/compare.py"]),
        ("no such name", []),
        ("[a-z]*", []),
    ],
)
def test_the_nearest_name_comes_first(part: str, best: list[str]) -> None:
    assert Names(PATHS).matching(part, 20)[: max(len(best), 1)] == best


def test_capitals_count_only_when_they_are_typed() -> None:
    names = Names(("total", "Total", "TOTAL"))
    assert set(names.matching("tot", 9)) == {"total", "Total", "TOTAL"}
    assert names.matching("Tot", 9) == ["Total"]


def test_a_name_is_found_when_and_only_when_it_has_the_letters_in_their_order() -> None:
    rolled = random.Random(7)
    names = sorted({"".join(rolled.choices("ab/._*", k=rolled.randint(1, 8))) for _ in range(300)})
    for part in ("".join(one) for one in itertools.product("ab.*", repeat=3)):
        expected = [name for name in names if _has(name, part)]
        assert sorted(Names(names).matching(part, 1000)) == expected


def test_without_a_part_the_first_names_are_offered() -> None:
    assert Names(PATHS).matching("", 2) == ["README.md", "agent/verify/compare.py"]
    assert Names(()).matching("", 2) == []


def _has(name: str, part: str) -> bool:
    left = iter(name)
    return all(letter in left for letter in part)
