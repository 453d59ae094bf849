"""From what polling finds to what is wanted: the same as from a delivery that tells of it."""

from agent.bot.errand import Errand
from agent.bot.happened import commanded, labelled, on_own_branch
from agent.protocol.forge import Happened, Trigger, Verb
from agent.repo.forge.values import Account, Seen
from agent.sections import BotConfig

_FAILED = ("failure", "timed_out")


def wanted_by(
    seen: Seen, repository: str, config: BotConfig, login: str, *, on_issue: bool = False
) -> tuple[Errand, ...] | str:
    """Return what something that happened wants, or one sentence why nothing.

    `login` is our own; `on_issue` says that a label is on an issue and no pull request.
    """
    if refused := _refused(seen.actor, login):
        return refused
    trigger = Trigger(
        happened=seen.happened,
        verb=Verb.UNKNOWN,
        repository=repository,
        number=seen.number,
        actor=seen.actor.login,
        comment=seen.comment,
        head=seen.head,
    )
    match seen.happened:
        case Happened.COMMENT | Happened.REVIEW_COMMENT:
            return _dated(_said(seen, trigger, login), seen.at)
        case Happened.LABEL:
            return _dated(labelled(trigger, seen.label, config, on_issue=on_issue), seen.at)
        case Happened.PULL:
            return _pushed(trigger, config)
        case Happened.RUN:
            return _failed(seen, trigger, config)
        case _:
            return "It cannot be found by polling."


def _refused(actor: Account, login: str) -> str:
    if actor.bot or actor.login.endswith("[bot]"):
        return "Bots are not listened to."
    return "That was us." if login and actor.login.lower() == login.lower() else ""


def _said(seen: Seen, trigger: Trigger, login: str) -> tuple[Errand, ...] | str:
    if seen.edited:
        return "Only new comments are read: who may edit one is not who wrote it."
    return commanded(trigger, seen.body, login) or "The comment holds no command."


def _dated(found: tuple[Errand, ...] | str, at: int) -> tuple[Errand, ...] | str:
    """Return what is wanted, of an issue as it was then: polling finds no text of that time."""
    return found if isinstance(found, str) else tuple(one.as_issue_said(asked_at=at) for one in found)


def _pushed(trigger: Trigger, config: BotConfig) -> tuple[Errand, ...] | str:
    if config.on_pull is None:
        return "`on_pull` is switched off in [bot]."
    return (Errand(trigger=trigger.model_copy(update={"verb": config.on_pull})),)


def _failed(seen: Seen, trigger: Trigger, config: BotConfig) -> tuple[Errand, ...] | str:
    run = seen.run
    if run is None or run.conclusion not in _FAILED:
        return "The run has not failed."
    if not config.on_failure:
        return "`on_failure` is switched off in [bot]."
    if (run.head_repository or "").lower() != trigger.repository.lower():
        return "The run is of a fork: a comment of somebody who may asks for it."
    if on_own_branch(run.head_branch):
        return "The branch is ours."
    if any(login.endswith("[bot]") for login in (run.actor, run.triggered_by)):
        return "Bots are not listened to."
    known = {"verb": Verb.FIX, "head": run.head, "run": run.id, "attempt": run.attempt}
    return (Errand(trigger=trigger.model_copy(update=known)),)
