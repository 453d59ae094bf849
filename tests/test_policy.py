"""What a policy file may say."""

from pathlib import Path

import pytest

from agent.config import (
    OrganizationConfig,
    RepositoryConfig,
    UserConfig,
    client_rules,
    load_organization,
    load_user,
    merge,
    organization_file,
    parse_repository,
    pinned,
    rules_for,
)
from agent.policy import PolicyConfig
from agent.protocol.errors import UsageError
from agent.protocol.limits import TaskLimits
from agent.protocol.policy import Decision, Rule, Subject
from agent.protocol.task import TaskKind, TaskSpec

USER_FILE = """
[policy]
path = ["ask docs/*", "allow docs/notes"]
cost = ["ask 0.50", "deny 5"]
[daemon]
workers = 3
[retention]
days = 7
size_mib = 2048
"""
ORGANIZATION_FILE = """
[policy]
network = ["deny *"]
[limits]
seconds = 60
[sandbox]
kind = "docker"
"""


@pytest.fixture
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The user's and the organization's file, as the tests above have them."""
    (tmp_path / "config.toml").write_text(USER_FILE)
    (tmp_path / "organization.toml").write_text(ORGANIZATION_FILE)
    monkeypatch.setenv("RATCHET_CONFIG", str(tmp_path / "config.toml"))
    monkeypatch.setenv("RATCHET_ORGANIZATION", str(tmp_path / "organization.toml"))
    return tmp_path


def test_rules_keep_their_order_and_name_their_origin(files: Path) -> None:
    said = [(rule.subject, rule.decision, rule.pattern, rule.origin) for rule in client_rules()]
    assert said == [
        ("path", "ask", "docs/*", "user"),
        ("path", "allow", "docs/notes", "user"),
        ("cost", "ask", "0.50", "user"),
        ("cost", "deny", "5", "user"),
        ("network", "deny", "*", "organization"),
    ]


def test_whoever_runs_a_task_adds_the_repositorys_and_the_organizations_rules(files: Path) -> None:
    repository = parse_repository(b'[policy]\ncommand = ["ask *"]\n')
    assert rules_for(repository) == (
        Rule(subject=Subject.COMMAND, pattern="*", decision=Decision.ASK, origin="repository"),
        Rule(subject=Subject.NETWORK, pattern="*", decision=Decision.DENY, origin="organization"),
    )


def test_a_repository_that_allows_something_is_an_error_that_names_the_file() -> None:
    with pytest.raises(UsageError, match=r"\.ratchet\.toml.*allow \.github/\*"):
        parse_repository(b'[policy]\npath = ["allow .github/*"]\n')


@pytest.mark.parametrize("section", ["daemon", "retention"])
def test_a_repository_has_no_say_in_the_daemon(section: str) -> None:
    with pytest.raises(UsageError, match=section):
        parse_repository(f"[{section}]\n".encode())


@pytest.mark.parametrize(
    ("subject", "line"),
    [
        (Subject.PATH, "ask"),
        (Subject.PATH, "forbid x"),
        (Subject.PATH, ""),
        (Subject.COST, "ask a lot"),
        (Subject.COST, "ask -1"),
    ],
)
def test_a_line_that_is_no_rule_is_an_error_that_shows_it(subject: Subject, line: str) -> None:
    config = PolicyConfig.model_validate({subject: [line]})
    with pytest.raises(UsageError, match=r"config\.toml: \[policy\]"):
        config.rules("user", "config.toml")


def test_what_the_organization_pins_bounds_every_request(files: Path) -> None:
    organization = load_organization()
    merged = merge(RepositoryConfig(), UserConfig(), {}, organization=organization, seconds=900)
    assert (merged.limits.seconds, merged.sandbox.kind) == (60, "docker")
    with pytest.raises(UsageError, match="process"):
        merge(RepositoryConfig(), UserConfig(), {}, organization=organization, sandbox="process")


def test_a_spec_that_came_from_elsewhere_is_bounded_where_it_runs(files: Path) -> None:
    asked = TaskSpec(kind=TaskKind.FIX, repository="/r", limits=TaskLimits(seconds=900))
    within = pinned(asked, load_organization())
    assert (within.limits.seconds, within.sandbox) == (60, "docker")
    with pytest.raises(UsageError, match="process"):
        pinned(asked.model_copy(update={"sandbox": "process"}), load_organization())


def test_an_organization_file_that_was_named_must_be_there(files: Path) -> None:
    (files / "organization.toml").unlink()
    with pytest.raises(UsageError, match=r"organization\.toml"):
        load_organization()


def test_without_an_organization_nothing_is_pinned(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("RATCHET_ORGANIZATION", raising=False)
    assert organization_file() is None
    assert load_organization() == OrganizationConfig()


def test_the_daemons_and_the_retentions_sections_have_defaults(files: Path) -> None:
    user = load_user()
    assert (user.daemon.workers, user.daemon.per_repository, user.daemon.idle_minutes) == (3, 2, 30)
    assert (user.retention.days, user.retention.size_mib) == (7, 2048)
