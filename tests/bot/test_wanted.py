"""Which deliveries want something, and what: the part of the authority matrix that needs no forge."""

from typing import Any

import pytest

from agent.bot.payloads import event_of, read_payload
from agent.bot.wanted import wanted
from agent.protocol.forge import Happened, Verb, text_digest
from agent.sections import BotConfig
from tests.bot.deliveries import (
    ANN,
    FORK,
    HEAD,
    ROBOT,
    SHOP,
    US,
    Json,
    button,
    comment,
    event,
    labeled,
    line_comment,
    pull,
    pushed,
    ran,
)

CONFIG = BotConfig(repositories=("acme/*",), app=99)
OTHER = {"repository": {"id": 9, "full_name": "else/where"}}
FOREIGN_PULL = [{"number": 1, "base": {"repo": {"id": 8}}}]


def verbs(payload: Json, **config: Any) -> list[Verb] | str:
    """Return the verbs that a payload leads to, or why it leads to none."""
    name = event_of(payload)
    assert name is not None
    chosen = CONFIG.model_copy(update=config)
    found = wanted(name, read_payload(payload), chosen, "ratchet-user", "guid")
    return found if isinstance(found, str) else [one.trigger.verb for one in found]


@pytest.mark.parametrize(
    ("payload", "expected"),
    [
        (comment("/ratchet fix"), [Verb.FIX]),
        (comment("@ratchet-user verify"), [Verb.VERIFY]),
        (comment("/ratchet do this\nand that"), [Verb.DO]),
        (comment("/ratchet review"), [Verb.REVIEW]),
        (comment("/ratchet explain"), [Verb.EXPLAIN]),
        (comment("/ratchet stop"), [Verb.STOP]),
        (comment("/ratchet help"), [Verb.HELP]),
        (comment("/ratchet merge"), [Verb.UNKNOWN]),
        (comment("/ratchet fix\n\n/ratchet verify\n\n/ratchet sing"), [Verb.FIX, Verb.VERIFY, Verb.UNKNOWN]),
        (line_comment("/ratchet fix"), [Verb.FIX]),
        (pushed("opened"), [Verb.VERIFY]),
        (pushed("reopened"), [Verb.VERIFY]),
        (pushed("synchronize"), [Verb.VERIFY]),
        (pushed("ready_for_review"), [Verb.VERIFY]),
        # Whether a fork may have something done is for the forge to say.
        (pushed("opened", head={"repo": FORK}), [Verb.VERIFY]),
        (pushed("opened", head={"repo": FORK, "ref": "ratchet/mine"}), [Verb.VERIFY]),
        (labeled("ratchet"), [Verb.DO]),
        (labeled("Ratchet"), [Verb.DO]),
        (labeled("ratchet", on="pull"), [Verb.VERIFY]),
        (labeled("ratchet:verify", on="pull"), [Verb.VERIFY]),
        (labeled("ratchet:review", on="pull"), [Verb.REVIEW]),
        (labeled("ratchet:fix", on="pull"), [Verb.FIX]),
        (labeled("ratchet", on="pull", draft=True), [Verb.VERIFY]),
        (ran("failure"), [Verb.FIX]),
        (ran("timed_out"), [Verb.FIX]),
        (ran(pull_requests=[]), [Verb.FIX]),
        (button("fix"), [Verb.FIX]),
        (button("verify"), [Verb.VERIFY]),
        (button("explain"), [Verb.EXPLAIN]),
    ],
)
def test_what_somebody_asks_for_is_wanted(payload: Json, expected: list[Verb]) -> None:
    assert verbs(payload) == expected


@pytest.mark.parametrize(
    "payload",
    [
        comment(action="edited"),
        comment(action="deleted"),
        comment(sender=ROBOT),
        comment(sender={"login": "looks-human[bot]", "type": "User"}),
        comment(sender={"login": "an-app", "type": "Bot"}),
        comment(sender={"login": "acme", "type": "Organization"}),
        comment(sender=US),
        comment(sender={"login": "Ratchet-User", "type": "User"}),
        comment(**OTHER),
        comment("fix it, please"),
        comment("> /ratchet fix"),
        comment("    /ratchet fix"),
        comment("```\n/ratchet fix\n```"),
        comment("<!-- /ratchet fix -->"),
        comment("@ratchet-users fix"),
        # Somebody else sends what is said to be ann's.
        event("created", US, comment={"id": 1, "body": "/ratchet fix", "user": ANN}, issue={"number": 1}),
        event("created", ANN, comment={"id": 1, "body": "/ratchet fix", "user": None}, issue={"number": 1}),
        line_comment(action="edited"),
        line_comment(sender=ROBOT),
        line_comment(sender=US),
        pushed("closed"),
        pushed("edited"),
        pushed("assigned"),
        pushed("opened", draft=True),
        pushed("opened", state="closed"),
        pushed("opened", sender=ROBOT),
        pushed("opened", sender=US),
        pushed("opened", head={"ref": "ratchet/20261122-1"}),
        pushed("opened", head={"repo": None}),
        labeled("bug"),
        labeled("ratchet-later"),
        labeled("ratchet:fix"),
        labeled("ratchet:merge", on="pull"),
        labeled("ratchet", sender=ROBOT),
        labeled("ratchet", sender=US),
        labeled("ratchet", state="closed"),
        labeled("ratchet", on="pull", state="closed"),
        labeled("ratchet", pull_request={"url": "x"}),
        event("unlabeled", ANN, label={"name": "ratchet"}, issue={"number": 3, "state": "open"}),
        event("opened", ANN, issue={"number": 3, "state": "open"}),
        ran("success"),
        ran("cancelled"),
        ran("action_required"),
        ran(action="requested"),
        ran(action="in_progress", conclusion=None),
        ran(head_repository=FORK),
        ran(head_repository=None),
        ran(head_branch="ratchet/20261122-1"),
        ran(sender=ROBOT),
        ran(sender=US),
        ran(actor=ROBOT),
        ran(triggering_actor=ROBOT),
        button("merge"),
        button("FIX"),
        button("fix", app=1),
        button("fix", sender=ROBOT),
        event("rerequested", ANN, check_run={"head_sha": HEAD, "app": {"id": 99}}),
        event("completed", ANN, check_run={"head_sha": HEAD, "app": {"id": 99}}),
    ],
)
def test_what_nobody_may_ask_for_so_is_not_wanted(payload: Json) -> None:
    reason = verbs(payload)
    assert isinstance(reason, str)
    assert reason.endswith(".")


@pytest.mark.parametrize(
    ("payload", "config"),
    [
        (pushed("opened"), {"on_pull": None}),
        (ran(), {"on_failure": False}),
        (labeled("ratchet"), {"label": ""}),
        (labeled("ratchet"), {"label": "robot"}),
        (labeled("", on="pull"), {"label": ""}),
        (comment(), {"repositories": ("acme/other",)}),
        (comment(), {"repositories": ("shop",)}),
    ],
)
def test_what_is_switched_off_is_not_wanted(payload: Json, config: dict[str, Any]) -> None:
    assert isinstance(verbs(payload, **config), str)


@pytest.mark.parametrize(
    ("payload", "config", "expected"),
    [
        (pushed("opened"), {"on_pull": Verb.REVIEW}, Verb.REVIEW),
        (labeled("ratchet", on="pull"), {"on_pull": Verb.REVIEW}, Verb.REVIEW),
        (labeled("ratchet", on="pull"), {"on_pull": None}, Verb.VERIFY),
        (labeled("robot:fix", on="pull"), {"label": "robot"}, Verb.FIX),
        (comment(), {"repositories": ()}, Verb.FIX),
        (comment(), {"repositories": ("ACME/Shop",)}, Verb.FIX),
        (button("fix", app=1), {"app": None}, Verb.FIX),
    ],
)
def test_the_settings_say_what_is_wanted(payload: Json, config: dict[str, Any], expected: Verb) -> None:
    assert verbs(payload, **config) == [expected]


def test_a_trigger_says_what_the_delivery_says_and_no_more() -> None:
    run = ran(pull_requests=[*FOREIGN_PULL, {"number": 12, "base": {"repo": {"id": SHOP["id"]}}}])
    found = wanted("workflow_run", read_payload(run), CONFIG, "", "guid-1")
    assert not isinstance(found, str)
    trigger = found[0].trigger
    assert (trigger.happened, trigger.number, trigger.head) == (Happened.RUN, 12, HEAD)
    assert (trigger.run, trigger.attempt, trigger.installation) == (5, 2, 77)
    assert (trigger.actor, trigger.delivery, trigger.place) == ("ann", "guid-1", "acme/shop#12")


ISSUE: Json = {"number": 3, "state": "open", "title": "Tax", "body": None}
SAID = text_digest("Tax", "")


@pytest.mark.parametrize(
    ("payload", "expected"),
    [
        (labeled("ratchet", title="Tax", body="It is\r\nwrong."), [text_digest("Tax", "It is\r\nwrong.")]),
        (labeled("ratchet", title="Tax", body=None), [SAID]),
        (labeled("ratchet"), [None]),
        (labeled("ratchet:fix", on="pull", title="Tax", body="x"), [None]),
        (comment("/ratchet fix\n\n/ratchet verify\n\n/ratchet sing", issue=ISSUE), [SAID, None, None]),
        (comment("/ratchet do it", issue=ISSUE), [None]),
        (comment("/ratchet explain", issue=ISSUE), [None]),
        # Of a pull request the commits are what counts.
        (comment("/ratchet fix", issue={**ISSUE, "pull_request": {"url": "x"}}), [None]),
        (line_comment("/ratchet fix"), [None]),
    ],
)
def test_what_an_issue_says_goes_along_where_code_is_changed_for_it(
    payload: Json, expected: list[str | None]
) -> None:
    name = event_of(payload)
    assert name is not None
    found = wanted(name, read_payload(payload), CONFIG, "ratchet-user", "guid")
    assert not isinstance(found, str)
    assert [one.trigger.text for one in found] == expected


def test_the_pull_request_of_another_repository_is_none_of_a_run() -> None:
    found = wanted("workflow_run", read_payload(ran(pull_requests=FOREIGN_PULL)), CONFIG, "")
    assert not isinstance(found, str)
    assert found[0].trigger.number is None


def test_whoever_started_a_run_again_is_who_asks() -> None:
    again = ran(triggering_actor={"login": "bob", "type": "User"})
    found = wanted("workflow_run", read_payload(again), CONFIG, "")
    assert not isinstance(found, str)
    assert found[0].trigger.actor == "bob"


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"comment": {}, "issue": {}}, "issue_comment"),
        ({"comment": {}, "pull_request": {}}, "pull_request_review_comment"),
        ({"comment": {}, "discussion": {}}, None),
        ({"comment": {}}, None),
        ({"review": {}, "pull_request": {}}, None),
        ({"thread": {}, "pull_request": {}}, None),
        ({"deployment": {}, "workflow_run": {}}, None),
        ({"pull_request": pull()}, "pull_request"),
        ({"hook": {}}, None),
    ],
)
def test_a_body_tells_its_event(body: Json, expected: str | None) -> None:
    assert event_of(body) == expected
