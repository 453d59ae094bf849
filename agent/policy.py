"""What a policy file says, and the rules that hold when nobody says anything."""

from collections.abc import Iterable, Mapping, Sequence

from agent.protocol.errors import UsageError
from agent.protocol.policy import Decision, Rule, Subject
from agent.protocol.value import Value

DEFAULT, USER, REPOSITORY, ORGANIZATION = "default", "user", "repository", "organization"
APPROVAL = "approval"
"""What somebody allowed for the rest of a task."""
VERDICT = "verdict"
"""What a person has to look at, because running it proves nothing."""

PROTECTED = (
    ".git*",
    ".github/*",
    ".gitlab-ci.yml",
    ".circleci",
    ".travis.yml",
    ".drone.yml",
    ".woodpecker*",
    ".buildkite",
    "azure-pipelines*.yml",
    "bitbucket-pipelines.yml",
    "Jenkinsfile",
    "CODEOWNERS",
    ".vscode",
    ".idea",
    ".devcontainer*",
    ".husky",
    ".pre-commit-config.yaml",
    ".envrc",
    ".mcp.json",
    ".claude",
    ".cursor*",
    ".codex",
    ".ratchet.toml",
    "AGENTS.md",
    "CLAUDE.md",
)
"""Files that decide what runs on other machines, or what an editor or an agent does."""

DEFAULTS = (
    *(
        Rule(subject=Subject.PATH, pattern=pattern, decision=Decision.ASK, origin=DEFAULT)
        for pattern in PROTECTED
    ),
    Rule(subject=Subject.MODEL, pattern="*", decision=Decision.ASK, origin=DEFAULT),
)


class PolicyConfig(Value):
    """`[policy]`: a list a subject, each line `allow`, `ask` or `deny` and a pattern; the last match wins."""

    tool: tuple[str, ...] = ()
    """fix, verify, do, ask, review, deliver, apply."""
    path: tuple[str, ...] = ()
    """Paths that a patch may change."""
    command: tuple[str, ...] = ()
    """Command lines of checks and of the set-up."""
    network: tuple[str, ...] = ()
    """Hosts that an environment is fetched from."""
    cost: tuple[str, ...] = ()
    """US dollars from which a line holds."""
    model: tuple[str, ...] = ()
    """Hosts of language models that parts of the repository may be sent to."""

    def rules(self, origin: str, where: str) -> tuple[Rule, ...]:
        """Return the lines as rules; raises UsageError that names the file."""
        lines: Mapping[str, Sequence[str]] = self.model_dump()
        return tuple(
            _rule(Subject(subject), line, origin, where)
            for subject, of_subject in lines.items()
            for line in of_subject
        )


def _rule(subject: Subject, line: str, origin: str, where: str) -> Rule:
    word, _, pattern = line.strip().partition(" ")
    pattern = pattern.strip()
    if word not in set(Decision) or not pattern or (subject is Subject.COST and not _is_number(pattern)):
        example = "ask 0.50" if subject is Subject.COST else "ask PATTERN"
        raise UsageError(
            f"{where}: [policy] {subject}: {line!r} is no rule",
            hint=f'write "{example}", "deny …" or "allow …"',
        )
    return Rule(subject=subject, pattern=pattern, decision=Decision(word), origin=origin)


def _is_number(text: str) -> bool:
    try:
        return float(text) >= 0
    except ValueError:
        return False


def refuse_weaker(rules: Iterable[Rule], where: str) -> None:
    """Raise UsageError when a repository allows something: it may only ask for more care."""
    for rule in rules:
        if rule.decision is Decision.ALLOW:
            raise UsageError(
                f'{where}: [policy] {rule.subject}: "allow {rule.pattern}" would weaken the policy',
                hint="a repository may only ask or deny; allow it in your own config.toml",
            )
