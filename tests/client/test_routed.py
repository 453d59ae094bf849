"""Who plans a task that a command asks for, and what it may cost."""

import pytest

from agent.client.routed import bounds, routed
from agent.protocol.errors import UsageError
from agent.protocol.model import ModelProfile, Role
from agent.protocol.task import TaskKind
from agent.sections import RoutingConfig, UserConfig

CHEAP = ModelProfile(name="cheap", base_url="http://127.0.0.1:9/v1", model="small")
STRONG = ModelProfile(name="strong", base_url="https://models.example.org/v1", model="large")
BOTH = {"cheap": CHEAP, "strong": STRONG}


def user(**routing: object) -> UserConfig:
    return UserConfig(models=BOTH, routing=RoutingConfig(**routing))


def test_a_fix_is_searched_first_and_what_needs_a_model_is_not() -> None:
    assert routed(user(), TaskKind.FIX, None)["stages"] == ("search", "cheap", "strong")
    for kind in (TaskKind.DO, TaskKind.ASK, TaskKind.REVIEW):
        assert routed(user(), kind, None)["stages"] == ("cheap", "strong")


def test_the_settings_say_the_order() -> None:
    chosen = user(stages=("strong", "search"))
    assert routed(chosen, TaskKind.FIX, None)["stages"] == ("strong", "search")
    assert routed(chosen, TaskKind.FIX, "auto")["stages"] == ("strong", "search")
    assert routed(chosen, TaskKind.DO, None)["stages"] == ("strong",)


def test_a_name_on_the_command_line_is_the_only_planner() -> None:
    found = routed(user(review="strong"), TaskKind.FIX, "cheap")
    assert (found["stages"], found["roles"], found["models"]) == (("cheap",), {}, (CHEAP,))
    assert routed(user(), TaskKind.FIX, "search")["models"] == ()


def test_a_role_brings_its_model_along() -> None:
    found = routed(user(stages=("cheap",), plan="strong"), TaskKind.DO, None)
    assert found["roles"] == {Role.PLAN: "strong"}
    assert found["models"] == (CHEAP, STRONG)


def test_without_models_a_fix_is_searched_and_nothing_else_has_a_planner() -> None:
    assert routed(UserConfig(), TaskKind.FIX, None)["stages"] == ("search",)
    assert routed(UserConfig(), TaskKind.DO, None)["stages"] == ()
    assert routed(UserConfig(), TaskKind.VERIFY, None) == {}


@pytest.mark.parametrize(
    ("kind", "planner", "settings", "known"),
    [
        (TaskKind.FIX, "none", {}, "search, cheap, strong"),
        (TaskKind.DO, "none", {}, "cheap, strong"),
        (TaskKind.FIX, None, {"stages": ("none",)}, "cheap, strong"),
        (TaskKind.DO, None, {"edit": "none"}, "cheap, strong"),
    ],
)
def test_a_name_that_nobody_has_is_refused_with_those_that_are_known(
    kind: TaskKind, planner: str | None, settings: dict[str, object], known: str
) -> None:
    with pytest.raises(UsageError, match="'none'") as raised:
        routed(user(**settings), kind, planner)
    assert known in raised.value.message + raised.value.hint


def test_the_command_line_lowers_a_bound_and_never_raises_it() -> None:
    assert bounds(RoutingConfig(), None)["cost_usd"] is None
    assert bounds(RoutingConfig(), 2.0)["cost_usd"] == 2.0
    assert bounds(RoutingConfig(cost_usd_per_task=1.0), 2.0)["cost_usd"] == 1.0
    assert bounds(RoutingConfig(cost_usd_per_task=1.0), 0.0)["cost_usd"] == 0.0
    found = bounds(RoutingConfig(tokens_per_task=7, calls_per_day=3), None)
    assert (found["tokens"], found["model_calls_per_day"]) == (7, 3)
