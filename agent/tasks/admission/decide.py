"""Who may have what done, as a pure function of a trigger, the facts and the settings."""

from collections.abc import Callable, Iterator
from fnmatch import fnmatchcase

from agent.protocol.forge import OUR_BRANCHES, Admission, Happened, Permission, Trigger, Verb, text_digest
from agent.protocol.value import Value
from agent.sections import BotConfig
from agent.tasks.admission.facts import Facts

MOST_ATTEMPTS = 3
"""Attempts of one workflow run on one commit that something is done for."""
_AUTOMATIC = (Happened.PULL, Happened.RUN)
"""Nobody asked, so that nobody is told why nothing is done; the next push asks again."""
_TALK = (Verb.STOP, Verb.HELP, Verb.UNKNOWN)
_READING = (Verb.VERIFY, Verb.REVIEW)
_FAILED = ("failure", "timed_out")


class Refusal(Value):
    """Why nothing is done, without a word from outside."""

    reason: str
    tell: bool = False
    """Whether whoever asked is told, if it is somebody."""


Check = Callable[[Trigger, Facts, BotConfig], Refusal | None]


def decide(trigger: Trigger, facts: Facts, config: BotConfig) -> Admission:
    """Return what the facts allow; the first objection counts."""
    refusal = next(_objections(trigger, facts, config), None)
    known = {
        "permission": facts.permission,
        "pull": facts.pull,
        "fork": facts.pull is not None and facts.pull.is_fork(trigger.repository),
    }
    if refusal is None:
        return Admission(**known)
    tell = refusal.tell and trigger.happened not in _AUTOMATIC
    return Admission(**known, refused=refusal.reason, tell=tell)


def _objections(trigger: Trigger, facts: Facts, config: BotConfig) -> Iterator[Refusal]:
    for check in (_wanted, _authority, _place, _run, _suitable, _open, _moved, _edited):
        found = check(trigger, facts, config)
        if found is not None:
            yield found


def _wanted(trigger: Trigger, _: Facts, config: BotConfig) -> Refusal | None:
    name, globs = trigger.repository.casefold(), [glob.casefold() for glob in config.repositories]
    if globs and not any(fnmatchcase(name, glob) for glob in globs):
        return Refusal(reason="Tasks are not taken from this repository.")
    if trigger.happened is Happened.PULL and config.on_pull is None:
        return Refusal(reason="Nothing is done for a pull request by itself here.")
    if trigger.happened is Happened.RUN and not config.on_failure:
        return Refusal(reason="Nothing is done for a failed workflow run here.")
    return None


def _authority(trigger: Trigger, facts: Facts, _: BotConfig) -> Refusal | None:
    if trigger.happened is Happened.RUN and facts.run is None:
        return Refusal(reason="There is no such workflow run.")
    if facts.by_machine:
        return Refusal(reason="An app or our own account asked for this.")
    if facts.permission is Permission.NONE or (facts.permission is Permission.READ and facts.public):
        return Refusal(reason="Whoever asked for this is not known in this repository.")
    if not facts.permission.may_write:
        return Refusal(reason="This takes somebody who may write to this repository.", tell=True)
    return None


def _place(trigger: Trigger, facts: Facts, _: BotConfig) -> Refusal | None:
    if trigger.happened is Happened.RUN:
        gone = trigger.number is not None and facts.pull is None
    else:
        gone = facts.pull is None and (facts.issue is None or facts.issue.is_pull)
    return Refusal(reason="What this is about is no longer there.") if gone else None


def _run(trigger: Trigger, facts: Facts, _: BotConfig) -> Refusal | None:
    run = facts.run
    if trigger.happened is not Happened.RUN or run is None:
        return None
    if run.head_repository is None or run.head_repository.casefold() != trigger.repository.casefold():
        return Refusal(reason="The workflow ran on commits of another repository.")
    if run.head_branch.startswith(OUR_BRANCHES):
        return Refusal(reason="The workflow ran on a branch of Ratchet's own.")
    if max(run.attempt, trigger.attempt) > MOST_ATTEMPTS:
        return Refusal(reason=f"The workflow was run more than {MOST_ATTEMPTS} times on this commit.")
    if run.attempt != trigger.attempt or run.conclusion not in _FAILED:
        return Refusal(reason="The workflow run is no longer a failed one.")
    return None


def _suitable(trigger: Trigger, facts: Facts, _: BotConfig) -> Refusal | None:
    """Refuse what makes no sense where it was asked for, and what nobody may get by itself."""
    if trigger.happened is Happened.RUN and trigger.verb is not Verb.FIX:
        return Refusal(reason="A failed workflow run can only be fixed.")
    if trigger.happened is Happened.PULL and trigger.verb not in _READING:
        return Refusal(reason="A pull request is only verified or reviewed by itself.")
    if trigger.happened is Happened.PULL and facts.pull is not None and facts.pull.draft:
        return Refusal(reason="The pull request is a draft, for which nothing is done by itself.")
    if trigger.verb in _READING and facts.pull is None:
        return Refusal(reason=f"Only a pull request can be given to `{trigger.verb}`.", tell=True)
    return None


def _open(trigger: Trigger, facts: Facts, _: BotConfig) -> Refusal | None:
    if trigger.verb in _TALK:
        return None
    if facts.pull is not None:
        return None if facts.pull.open else Refusal(reason="This pull request is closed.", tell=True)
    if facts.issue is not None and not facts.issue.open:
        return Refusal(reason="This issue is closed.", tell=True)
    return None


def _moved(trigger: Trigger, facts: Facts, _: BotConfig) -> Refusal | None:
    if trigger.verb in _TALK:
        return None
    if facts.run is not None and _newer_commits(facts.run.head, trigger, facts):
        return Refusal(reason="The branch has moved since the workflow ran.")
    if facts.pull is not None and trigger.head not in (None, facts.pull.head):
        asked = (trigger.head or "")[:12]
        return Refusal(reason=f"The pull request has moved: this was asked for {asked}.", tell=True)
    return None


def _edited(trigger: Trigger, facts: Facts, _: BotConfig) -> Refusal | None:
    """Refuse an issue that no longer says what somebody who may write had read."""
    issue = facts.issue
    is_same = issue is None or trigger.text in (None, text_digest(issue.title, issue.body))
    # Of what happened within one second nobody knows the order.
    later = trigger.asked_at is not None and facts.edited >= max(trigger.asked_at, 1)
    if is_same and not later:
        return None
    again = "label it again" if trigger.happened is Happened.LABEL else "ask again"
    return Refusal(reason=f"The issue was edited after it was given to Ratchet; {again}.", tell=True)


def _newer_commits(ran: str, trigger: Trigger, facts: Facts) -> bool:
    if facts.run is None or trigger.head not in (None, ran):
        return True
    if facts.pull is not None:
        return facts.pull.head != ran
    default = facts.default
    return default is not None and facts.run.head_branch == default.name and default.commit != ran
