"""From a delivery to what is wanted, or to the reason why nothing is; nothing is asked or done here."""

from collections.abc import Callable, Mapping
from fnmatch import fnmatchcase

from pydantic import ValidationError

from agent.bot.errand import Errand
from agent.bot.errors import NotUnderstood
from agent.bot.happened import commanded, labelled, on_own_branch, pressed
from agent.bot.payloads import Account, Issue, ListedPull, Payload, Pull
from agent.protocol.forge import Happened, Trigger, Verb, text_digest
from agent.sections import BotConfig

Wanted = tuple[Errand, ...] | str
"""What is wanted, in order; or one sentence why nothing is."""
_FAILED = ("failure", "timed_out")
_PUSHED = frozenset({"opened", "reopened", "synchronize", "ready_for_review"})


def wanted(event: str, payload: Payload, config: BotConfig, login: str, delivery: str = "") -> Wanted:
    """Return what a delivery wants; `login` is our own. Raises NotUnderstood.

    Nothing of it gives anybody a right: whether the actor may, the forge is asked later.
    """
    read = _EVENTS.get(event)
    if read is None:
        return f"The event {event} matters to nobody here."
    if not is_ours(payload.repository.full_name, config):
        return "The repository is none of those in [bot]."
    try:
        return read(payload, _Asking(payload, config, login, delivery))
    except ValidationError as error:
        first = error.errors(include_input=False)[0]
        raise NotUnderstood(f"{'.'.join(map(str, first['loc']))}: {first['msg']}") from None


def is_ours(repository: str, config: BotConfig) -> bool:
    """Say whether tasks are taken from a repository."""
    globs = config.repositories
    return not globs or any(fnmatchcase(repository.lower(), glob.lower()) for glob in globs)


class _Asking:
    """A delivery with what it is read by."""

    def __init__(self, payload: Payload, config: BotConfig, login: str, delivery: str) -> None:
        self.payload, self.config, self.login, self.delivery = payload, config, login, delivery

    def refuses(self, actor: Account) -> str:
        """Return why nobody listens to somebody; empty when we do."""
        if actor.is_bot:
            return "Bots are not listened to."
        return "That was us." if self.login and actor.login.lower() == self.login.lower() else ""

    def trigger(self, happened: Happened, actor: Account, **more: object) -> Trigger:
        known = {"happened": happened, "verb": Verb.UNKNOWN, "actor": actor.login, "delivery": self.delivery}
        at = self.payload.installation
        place = {"repository": self.payload.repository.full_name, "installation": at.id if at else None}
        return Trigger.model_validate({**known, **place, **more})


def _issue_comment(payload: Payload, asking: _Asking) -> Wanted:
    issue = payload.issue
    if issue is None:
        raise NotUnderstood("issue: it is missing")
    more = {"number": issue.number}
    return _given(_comment(payload, asking, Happened.COMMENT, issue.state == "closed", more), issue)


def _line_comment(payload: Payload, asking: _Asking) -> Wanted:
    pull = _pull_of(payload)
    more = {"number": pull.number, "head": pull.head.sha}
    return _comment(payload, asking, Happened.REVIEW_COMMENT, pull.state == "closed", more)


def _comment(
    payload: Payload, asking: _Asking, happened: Happened, closed: bool, more: Mapping[str, object]
) -> Wanted:
    comment = payload.comment
    if payload.action != "created":
        return "Only new comments are read: who may edit one is not who wrote it."
    if comment is None or comment.user is None or comment.user.login != payload.sender.login:
        return "Nobody is known to have written the comment."
    if refused := asking.refuses(comment.user):
        return refused
    trigger = asking.trigger(happened, comment.user, comment=comment.id, **more)
    found = commanded(trigger, comment.body or "", asking.login)
    if closed:
        found = tuple(errand for errand in found if errand.trigger.verb is Verb.STOP)
        return found or "It is closed: nothing but `stop` is read there."
    return found or "The comment holds no command."


def _pull_request(payload: Payload, asking: _Asking) -> Wanted:
    pull = _pull_of(payload)
    if payload.action == "labeled":
        return _label(payload, asking, pull)
    if payload.action not in _PUSHED:
        return f"A pull request that was {payload.action} needs nothing."
    verb = asking.config.on_pull
    if verb is None:
        return "`on_pull` is switched off in [bot]."
    refused = asking.refuses(payload.sender) or _left_alone(payload, pull)
    if not refused and pull.draft:
        refused = "It is a draft: a label or a comment asks for more."
    if refused:
        return refused
    more = {"verb": verb, "number": pull.number, "head": pull.head.sha}
    return (Errand(trigger=asking.trigger(Happened.PULL, payload.sender, **more)),)


def _left_alone(payload: Payload, pull: Pull) -> str:
    if pull.state != "open":
        return "The pull request is closed."
    if pull.head.repo is None:
        return "The branch of the pull request is gone."
    same = pull.head.repo.id == payload.repository.id
    return "The branch is ours." if same and on_own_branch(pull.head.ref) else ""


def _label(payload: Payload, asking: _Asking, pull: Pull | None) -> Wanted:
    if payload.label is None:
        raise NotUnderstood("label: it is missing")
    if refused := asking.refuses(payload.sender):
        return refused
    if pull is not None:
        if pull.state != "open":
            return "The pull request is closed."
        more = {"number": pull.number, "head": pull.head.sha}
        trigger = asking.trigger(Happened.LABEL, payload.sender, **more)
        return labelled(trigger, payload.label.name, asking.config, on_issue=False)
    issue = payload.issue
    if issue is None or issue.state != "open":
        return "The issue is closed."
    trigger = asking.trigger(Happened.LABEL, payload.sender, number=issue.number)
    return _given(labelled(trigger, payload.label.name, asking.config, on_issue=True), issue)


def _given(found: Wanted, issue: Issue) -> Wanted:
    """Return what is wanted, with what the issue says where nobody says anything else."""
    if isinstance(found, str) or issue.title is None or issue.pull_request is not None:
        return found
    said = text_digest(issue.title, issue.body or "")
    return tuple(errand.as_issue_said(text=said) for errand in found)


def _issues(payload: Payload, asking: _Asking) -> Wanted:
    if payload.action != "labeled":
        return "An issue matters when it gets our label."
    if payload.issue is not None and payload.issue.pull_request is not None:
        return "Its pull request tells the same."
    return _label(payload, asking, None)


def _workflow_run(payload: Payload, asking: _Asking) -> Wanted:
    run = payload.workflow_run
    if run is None:
        raise NotUnderstood("workflow_run: it is missing")
    if payload.action != "completed" or run.conclusion not in _FAILED:
        return "The run has not failed."
    if not asking.config.on_failure:
        return "`on_failure` is switched off in [bot]."
    if run.head_repository is None or run.head_repository.id != payload.repository.id:
        return "The run is of a fork: a comment of somebody who may asks for it."
    if on_own_branch(run.head_branch or ""):
        return "The branch is ours."
    actor = run.triggering_actor or run.actor or payload.sender
    # Whoever started it again may not be who pushed.
    refused = asking.refuses(actor) or asking.refuses(run.actor or actor)
    more = {"verb": Verb.FIX, "number": _number(run.pull_requests, payload), "head": run.head_sha}
    which = {"run": run.id, "attempt": run.run_attempt}
    return refused or (Errand(trigger=asking.trigger(Happened.RUN, actor, **more, **which)),)


def _check_run(payload: Payload, asking: _Asking) -> Wanted:
    check, button = payload.check_run, payload.requested_action
    if payload.action != "requested_action" or check is None or button is None:
        return "Nobody pressed a button."
    if asking.config.app is not None and (check.app is None or check.app.id != asking.config.app):
        return "The button is none of ours."
    if refused := asking.refuses(payload.sender):
        return refused
    more = {"number": _number(check.pull_requests, payload), "head": check.head_sha}
    return pressed(asking.trigger(Happened.BUTTON, payload.sender, **more), button.identifier)


def _number(listed: tuple[ListedPull, ...], payload: Payload) -> int | None:
    """Return the first pull request of this very repository; forks list those of others."""
    ours = (one.number for one in listed if one.base.repo and one.base.repo.id == payload.repository.id)
    return next(ours, None)


def _pull_of(payload: Payload) -> Pull:
    if payload.pull_request is None:
        raise NotUnderstood("pull_request: it is missing")
    return payload.pull_request


_EVENTS: Mapping[str, Callable[[Payload, _Asking], Wanted]] = {
    "issue_comment": _issue_comment,
    "pull_request_review_comment": _line_comment,
    "pull_request": _pull_request,
    "issues": _issues,
    "workflow_run": _workflow_run,
    "check_run": _check_run,
}
EVENTS = frozenset(_EVENTS)
"""Those that can lead to a task."""
