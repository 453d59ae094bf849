"""What the forge says about a trigger, read after it happened."""

from collections.abc import Iterator, Mapping

from agent.protocol.forge import Happened, Permission, PullRequest, Trigger
from agent.protocol.value import Value
from agent.repo.forge.errors import NotOnForge
from agent.repo.forge.port import ReadsForge
from agent.repo.forge.values import Branch, Issue, WorkflowRun

_BOT = "[bot]"
"""How the login of every app ends, and of nobody else."""


class Facts(Value):
    """All that is asked of the forge; what could not be found there is None."""

    me: str
    """Our own login."""
    permissions: Mapping[str, Permission] = {}
    """Of everybody whose doing led to the task, by login."""
    pull: PullRequest | None = None
    issue: Issue | None = None
    edited: int = 0
    """When the issue was last changed, in seconds since the epoch, where that matters; 0 for never."""
    default: Branch | None = None
    public: bool = False
    """Everybody may read the repository, so that a reader is nobody in particular."""
    run: WorkflowRun | None = None

    @property
    def permission(self) -> Permission:
        """Return what all of them may do; nothing where nobody is known."""
        order = list(Permission)
        return min(self.permissions.values(), key=order.index, default=Permission.NONE)

    @property
    def by_machine(self) -> bool:
        """Say whether an app or our own account is among them."""
        return any(login.endswith(_BOT) or _same(login, self.me) for login in self.permissions)


def look(trigger: Trigger, forge: ReadsForge) -> Facts:
    """Return the facts; who may not write is asked nothing more about. Raises ForgeError."""
    repository = trigger.repository
    run = _run(trigger, forge)
    pull = _pull(trigger, forge) if trigger.happened is Happened.PULL else None
    me = forge.me().login
    people = dict.fromkeys(_people(trigger, run, pull))
    held = {login: _permission(forge, repository, login, me) for login in people}
    facts = Facts(me=me, permissions=held, run=run, pull=pull)
    if facts.permission is Permission.READ:
        return facts.model_copy(update={"public": forge.is_public(repository)})
    if not facts.permission.may_write:
        return facts
    issue = _issue(trigger, forge)
    if pull is None and (issue is None or issue.is_pull):
        pull = _pull(trigger, forge, run)
    known = {"pull": pull, "issue": issue, "edited": _edited(trigger, issue, forge)}
    return facts.model_copy(update={**known, "default": forge.default_branch(repository)})


def _people(trigger: Trigger, run: WorkflowRun | None, pull: PullRequest | None) -> Iterator[str]:
    """Yield the logins of everybody who must be allowed to write."""
    if trigger.happened is Happened.RUN:
        # Who made the commit run, and who made it run again.
        yield from (run.actor, run.triggered_by) if run is not None else ()
        return
    yield trigger.actor
    if trigger.happened is Happened.PULL and pull is not None:
        yield pull.author


def _permission(forge: ReadsForge, repository: str, login: str, me: str) -> Permission:
    if login.endswith(_BOT) or _same(login, me):
        return Permission.NONE
    return forge.permission(repository, login)


def _run(trigger: Trigger, forge: ReadsForge) -> WorkflowRun | None:
    if trigger.happened is not Happened.RUN or trigger.run is None:
        return None
    try:
        return forge.run(trigger.repository, trigger.run)
    except NotOnForge:
        return None


def _pull(trigger: Trigger, forge: ReadsForge, run: WorkflowRun | None = None) -> PullRequest | None:
    # A delivery does not always say which pull request a workflow run is about.
    number = trigger.number or next(iter(run.pulls if run is not None else ()), None)
    if number is None:
        return None
    try:
        return forge.pull(trigger.repository, number)
    except NotOnForge:
        return None


def _issue(trigger: Trigger, forge: ReadsForge) -> Issue | None:
    if trigger.number is None or trigger.happened not in (Happened.COMMENT, Happened.LABEL):
        return None
    try:
        return forge.issue(trigger.repository, trigger.number)
    except NotOnForge:
        return None


def _edited(trigger: Trigger, issue: Issue | None, forge: ReadsForge) -> int:
    if trigger.asked_at is None or issue is None or issue.is_pull:
        return 0
    return forge.edited(trigger.repository, issue.number)


def _same(login: str, other: str) -> bool:
    return login.casefold() == other.casefold()
