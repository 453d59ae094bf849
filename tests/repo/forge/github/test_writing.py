"""What is made on the fake forge, and what becomes of it when something goes wrong on the way."""

from collections.abc import Callable

import pytest

from agent.repo.forge.errors import ForgeBusy, ForgeError, ForgeRefused, ForgeUnreachable, NotOnForge
from agent.repo.forge.github.github import GitHub, open_api
from agent.repo.forge.github.wire import Patience
from agent.repo.forge.port import Forge
from tests.forge.faults import Fault
from tests.repo.forge.conftest import SHOP, Shop


def test_a_comment_is_made_and_changed(forge: Forge, shop: Shop) -> None:
    made = forge.create_comment(SHOP, shop.issue, "first")
    assert (made.body, made.author, made.edited) == ("first", forge.me(), False)
    changed = forge.edit_comment(SHOP, made.id, "second @ada ` é")
    assert (changed.id, changed.body) == (made.id, "second @ada ` é")
    assert changed.url.endswith(f"#issuecomment-{made.id}")


def test_the_same_reaction_again_changes_nothing(forge: Forge, shop: Shop) -> None:
    comment = shop.repository.comment(shop.pull, "ada", "/ratchet fix")
    line = shop.repository.comment_on_line(shop.pull, "ada", "/ratchet fix", "a.py", 1)
    for _ in range(2):
        forge.react(SHOP, comment, "eyes")
        forge.react(SHOP, line, "rocket", on_line=True)
    me = forge.me().login
    assert shop.repository.reactions(comment) == [(me, "eyes")]
    assert shop.repository.reactions(line) == [(me, "rocket")]


def test_a_check_run_is_made_changed_and_annotated(shop: Shop) -> None:
    forge = shop.forge("app")
    fields = {"name": "ratchet", "head_sha": shop.head, "status": "in_progress", "external_id": "task-2"}
    made = forge.create_check(SHOP, fields)
    note = {"path": "a.py", "start_line": 1, "end_line": 1, "annotation_level": "failure", "message": "no"}
    output = {"title": "Done", "summary": "All well.", "annotations": [note]}
    done = forge.update_check(
        SHOP, made.id, {"status": "completed", "conclusion": "success", "output": output}
    )
    assert (made.status, made.external_id, made.app) == ("in_progress", "task-2", 4711)
    assert (done.id, done.conclusion, done.annotations) == (made.id, "success", 1)


def test_only_an_app_makes_check_runs_and_everybody_says_how_a_commit_stands(shop: Shop) -> None:
    forge = shop.forge("pat")
    with pytest.raises(ForgeRefused):
        forge.create_check(SHOP, {"name": "ratchet", "head_sha": shop.head})
    forge.create_status(SHOP, shop.head, state="success", context="ratchet", description="d" * 200)
    (status,) = shop.repository.statuses(shop.head)
    assert status.fields == {"state": "success", "context": "ratchet", "description": "d" * 140}


@pytest.mark.parametrize("event", ["APPROVE", "PENDING", "", None])
def test_nothing_is_ever_approved(shop: Shop, event: str | None) -> None:
    before = len(shop.fake.requests)
    with pytest.raises(ForgeRefused, match="comments or requests changes"):
        shop.forge().create_review(SHOP, shop.pull, {"event": event, "body": "LGTM"})
    assert len(shop.fake.requests) == before


def test_a_pull_request_is_a_draft_where_there_are_drafts(shop: Shop) -> None:
    plain = shop.fake.add_repository("acme/plain", drafts=False)
    for repository, drafts in ((shop.repository, True), (plain, False)):
        repository.commit("ratchet/t9", {"d.py": "d = 4\n"}, onto="main")
        wanted = {"head": "ratchet/t9", "base": "main", "title": "Fix it", "body": "Because."}
        made = shop.forge("app").create_pull(repository.name, **wanted)
        assert (made.open, made.head_branch, made.author.login) == (True, "ratchet/t9", "ratchet[bot]")
        pull = repository.thread(made.number).pull
        assert pull is not None
        assert pull.draft is drafts
        with pytest.raises(ForgeRefused, match="already exists"):
            shop.forge("app").create_pull(repository.name, **wanted)


KINDS: dict[Fault, type[ForgeError]] = {
    Fault.CUT_AFTER: ForgeUnreachable,
    Fault.LATE_AFTER: ForgeUnreachable,
    Fault.BAD_GATEWAY_AFTER: ForgeUnreachable,
    Fault.TRUNCATED_AFTER: ForgeUnreachable,
    Fault.GARBAGE_AFTER: ForgeUnreachable,
    Fault.RESET: ForgeUnreachable,
    Fault.BAD_GATEWAY: ForgeUnreachable,
    Fault.UNAVAILABLE: ForgeUnreachable,
    Fault.SERVER_ERROR: ForgeUnreachable,
    Fault.SECONDARY: ForgeBusy,
    Fault.SECONDARY_429: ForgeBusy,
    Fault.SECONDARY_BARE: ForgeBusy,
    Fault.PRIMARY: ForgeBusy,
    Fault.UNAUTHORIZED: ForgeRefused,
    Fault.FORBIDDEN: ForgeRefused,
    Fault.NOT_FOUND: NotOnForge,
    Fault.GONE: NotOnForge,
    Fault.UNPROCESSABLE: ForgeRefused,
}


def test_every_fault_is_the_error_that_says_what_to_do(shop: Shop) -> None:
    api = open_api(shop.fake.bot_config(), None, Patience(silence=0.5))
    forge = GitHub(api, shop.fake.web)
    number = shop.repository.open_issue("faults", author="ada")
    calls: tuple[Callable[[], object], ...] = (
        lambda: forge.create_comment(SHOP, number, "once"),
        lambda: forge.issue(SHOP, number),
    )
    for fault, error in KINDS.items():
        for call in calls:
            shop.fake.faults.add(fault, path=f"/repos/{SHOP}/issues/*", seconds=1)
            with pytest.raises(error) as raised:
                call()
            assert type(raised.value).mro()[:3].count(error), fault
            said = raised.value.message + raised.value.hint
            assert shop.fake.token.text not in said
    # One request for each call, so that what was done is done once.
    assert len(shop.repository.comments(number)) == sum(fault.after for fault in KINDS)
    assert shop.fake.faults.waiting == 0


@pytest.mark.parametrize(
    ("fault", "least", "most"),
    [
        (Fault.SECONDARY, 40, 40),
        (Fault.SECONDARY_429, 40, 40),
        (Fault.SECONDARY_BARE, 60, 60),
        (Fault.PRIMARY, 35, 45),
    ],
)
def test_a_busy_forge_says_for_how_long(shop: Shop, fault: Fault, least: float, most: float) -> None:
    shop.fake.faults.add(fault, seconds=40)
    with pytest.raises(ForgeBusy) as busy:
        shop.forge().issue(SHOP, shop.issue)
    assert least <= busy.value.seconds <= most
