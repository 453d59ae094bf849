from pathlib import Path

import pytest

from agent.config import UserConfig, load_user, merge, parse_repository
from agent.protocol.errors import UsageError
from agent.protocol.limits import TaskLimits


def test_a_repository_may_only_lower_limits() -> None:
    repository = parse_repository(b"[limits]\nmemory_mib = 128\nseconds = 99999\n")
    limits = merge(repository, UserConfig(), {}).limits
    assert limits.memory_mib == 128
    assert limits.seconds == TaskLimits().seconds


def test_flags_win_over_the_environment_and_it_over_the_users_file() -> None:
    user = UserConfig.model_validate({"limits": {"seconds": 10}, "sandbox": {"kind": "docker"}})
    environ = {"RATCHET_TIMEOUT": "20", "RATCHET_SANDBOX": "bubblewrap"}
    nothing = parse_repository(b"")

    assert merge(nothing, user, {}).limits.seconds == 10
    assert merge(nothing, user, environ).limits.seconds == 20
    assert merge(nothing, user, environ, seconds=30).limits.seconds == 30
    assert merge(nothing, user, environ).sandbox.kind == "bubblewrap"
    assert merge(nothing, user, environ, sandbox="process").sandbox.kind == "process"


def test_a_test_may_take_a_twentieth_of_the_time_unless_it_is_set() -> None:
    nothing = parse_repository(b"")
    set_by_user = UserConfig.model_validate({"limits": {"test_seconds": 45}})

    assert merge(nothing, UserConfig(), {}, seconds=60).limits.test_seconds == 3
    assert merge(nothing, UserConfig(), {}, seconds=10).limits.test_seconds == 2
    assert merge(nothing, UserConfig(), {}, seconds=9000).limits.test_seconds == 60
    assert merge(nothing, set_by_user, {}, seconds=60).limits.test_seconds == 45


@pytest.mark.parametrize(
    "text",
    [
        b"[models.mine]\nbase_url = 'x'\n",
        b"[sandbox]\nkind = 'process'\n",
        b"[limits]\nseconds = -1\n",
        b"[environment]\npython = 3\n",
        b"not toml",
        b"\xff\xfe",
    ],
)
def test_a_repository_that_says_what_it_may_not_is_a_usage_error(text: bytes) -> None:
    with pytest.raises(UsageError, match=r"\.ratchet\.toml"):
        parse_repository(text)


def test_a_check_may_be_written_as_one_string() -> None:
    assert parse_repository(b'[checks]\nunit = "make test"\n').checks["unit"].command == "make test"


def test_an_unknown_sandbox_is_a_usage_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "config.toml"
    file.write_text('[sandbox]\nkind = "chroot"\n')
    monkeypatch.setenv("RATCHET_CONFIG", str(file))
    with pytest.raises(UsageError, match="chroot"):
        load_user()
    with pytest.raises(UsageError, match="jail"):
        merge(parse_repository(b""), UserConfig(), {"RATCHET_SANDBOX": "jail"})


def test_a_timeout_that_is_no_number_is_a_usage_error() -> None:
    with pytest.raises(UsageError, match="RATCHET_TIMEOUT"):
        merge(parse_repository(b""), UserConfig(), {"RATCHET_TIMEOUT": "soon"})
