"""Settings come in three ways; a wrong one is named and leaves the others in force."""

from typing import Any

import pytest

from lsp.settings import Settings, concerns_us, later_settings, read_settings


@pytest.mark.parametrize("told", [None, {}, {"ratchet": {}}, {"ratchet": None}, {"trusted": None}])
def test_what_says_nothing_sets_nothing(told: object) -> None:
    assert read_settings(told) == (Settings(), ())


def test_the_section_and_its_inside_say_the_same() -> None:
    said = {"lens": False, "budget": 2, "sandbox": "docker", "model": "local"}
    assert read_settings(said) == read_settings({"ratchet": said})
    assert read_settings(said)[0] == Settings(lens=False, budget=2, sandbox="docker", model="local")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("lens", "yes"),
        ("lens", 1),
        ("trusted", "true"),
        ("budget", "much"),
        ("budget", -1),
        ("budget", float("nan")),
        ("sandbox", "none"),
        ("model", 5),
        ("modell", "x"),
        ("hover", [True]),
        ("hover", {"on": True}),
    ],
)
def test_a_wrong_value_is_named_in_one_sentence_and_the_others_count(name: str, value: object) -> None:
    settings, problems = read_settings({name: value, "suspects": False})
    assert settings == Settings(suspects=False)
    assert len(problems) == 1
    assert f"`ratchet.{name}`" in problems[0]
    assert "\n" not in problems[0]


@pytest.mark.parametrize("told", [5, "x", [1], {"ratchet": "on"}, True])
def test_what_is_no_object_is_said_to_be_none(told: object) -> None:
    assert read_settings(told) == (Settings(), ("the settings of `ratchet` are not an object",))


def test_what_is_told_later_counts_over_the_first_and_what_it_leaves_out_goes_on() -> None:
    first = {"lens": False, "symbols": True, "budget": 3}
    assert later_settings(first, {"lens": True})[0] == Settings(symbols=True, budget=3)
    assert later_settings(first, None)[0] == Settings(lens=False, symbols=True, budget=3)


@pytest.mark.parametrize(
    ("first", "later", "trusted"), [(None, True, False), (True, None, True), (True, False, False)]
)
def test_trust_is_given_at_the_start_only_and_taken_back_at_any_time(
    first: Any, later: Any, trusted: bool
) -> None:
    settings, problems = later_settings({"trusted": first}, {"trusted": later, "hover": False})
    assert (settings.trusted, settings.hover) == (trusted, False)
    assert bool(problems) == (later is True)


@pytest.mark.parametrize(
    ("told", "ours"),
    [(None, False), ({}, False), ({"python": {}}, False), ({"ratchet": {}}, True), ({"lens": True}, True)],
)
def test_settings_of_other_servers_are_told_apart(told: object, ours: bool) -> None:
    assert concerns_us(told) is ours
