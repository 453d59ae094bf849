"""Whatever goes wrong on the way to the forge and back, a thing is there once."""

from collections.abc import Sequence

import pytest
from _pytest.mark import ParameterSet

from agent.publishing.effect import EndCheck, Post, Push, Sticky
from agent.repo.forge.errors import ForgeRefused, NotOnForge
from tests.forge.faults import Fault
from tests.publishing.making.things import EACH, STICKY, ended_check, make
from tests.publishing.site import Site

PASSING = (
    Fault.CUT_AFTER,
    Fault.BAD_GATEWAY_AFTER,
    Fault.TRUNCATED_AFTER,
    Fault.GARBAGE_AFTER,
    Fault.RESET,
    Fault.BAD_GATEWAY,
    Fault.UNAVAILABLE,
    Fault.SECONDARY,
    Fault.SECONDARY_429,
    Fault.SECONDARY_BARE,
    Fault.PRIMARY,
)
"""What is over when it is tried again, the change being made or not."""
OF_THE_API = {
    Fault.GARBAGE_AFTER,
    Fault.SECONDARY,
    Fault.SECONDARY_BARE,
    Fault.PRIMARY,
    Fault.UNPROCESSABLE,
}
"""What git is never answered."""
FINAL = (Fault.FORBIDDEN, Fault.NOT_FOUND, Fault.UNPROCESSABLE)
IN_EVERY_RUN = (Fault.CUT_AFTER, Fault.SECONDARY, Fault.NOT_FOUND)


def cases(faults: Sequence[Fault], *left_out: str) -> list[ParameterSet]:
    """Return each kind of thing with each fault that it can meet; the usual run takes some of them."""
    return [
        pytest.param(
            kind, fault, id=f"{kind}, {fault}", marks=() if fault in IN_EVERY_RUN else pytest.mark.long
        )
        for kind in EACH
        for fault in faults
        if kind not in left_out and not (kind == "branch" and fault in OF_THE_API)
    ]


@pytest.mark.parametrize("kind", EACH)
def test_a_thing_is_made_and_found_again(site: Site, kind: str) -> None:
    thing = EACH[kind](site)
    first = make(site, thing.effect)
    asked = _writes(site)
    assert make(site, thing.effect) == first
    assert thing.count() == 1
    if kind != "reaction":
        assert _writes(site) == asked


@pytest.mark.parametrize(("kind", "fault"), cases(PASSING))
def test_a_request_that_is_spoilt_makes_it_once(site: Site, kind: str, fault: Fault) -> None:
    thing = EACH[kind](site)
    site.fake.faults.add(fault, method=thing.method, path=thing.path)
    make(site, thing.effect)
    assert site.fake.faults.waiting == 0
    assert thing.count() == 1


@pytest.mark.long
@pytest.mark.parametrize(("kind", "fault"), cases(PASSING, "reaction"))
def test_a_look_that_is_spoilt_makes_it_once(site: Site, kind: str, fault: Fault) -> None:
    thing = EACH[kind](site)
    site.fake.faults.add(fault, method="GET")
    make(site, thing.effect)
    assert site.fake.faults.waiting == 0
    assert thing.count() == 1


@pytest.mark.parametrize(("kind", "fault"), cases(FINAL, "begun check", "ended check"))
def test_what_the_forge_does_not_take_is_not_there(site: Site, kind: str, fault: Fault) -> None:
    thing = EACH[kind](site)
    site.fake.faults.add(fault, method=thing.method, path=thing.path)
    with pytest.raises((ForgeRefused, NotOnForge)):
        make(site, thing.effect)
    assert thing.count() == 0


@pytest.mark.parametrize(
    "fault", [pytest.param(each, marks=() if each in IN_EVERY_RUN else pytest.mark.long) for each in PASSING]
)
@pytest.mark.parametrize("before", range(3))
def test_every_annotation_is_there_once(site: Site, fault: Fault, before: int) -> None:
    thing = ended_check(site, annotations=120)
    assert isinstance(thing.effect, EndCheck)
    method, path = ("PATCH", "*/check-runs/*") if before else ("POST", "*/check-runs")
    site.fake.faults.add(fault, method=method, path=path, skip=max(0, before - 1))
    made = make(site, thing.effect)
    assert site.fake.faults.waiting == 0
    check = site.repository.check(made["id"])
    assert (thing.count(), check.status, check.conclusion) == (1, "completed", "failure")
    assert [note["title"] for note in check.annotations] == [f"test {number}" for number in range(120)]


def test_an_annotation_that_the_forge_does_not_take_keeps_no_conclusion_from_being_said(site: Site) -> None:
    thing = ended_check(site, annotations=120)
    site.fake.faults.add(Fault.UNPROCESSABLE, method="PATCH", path="*/check-runs/*")
    made = make(site, thing.effect)
    check = site.repository.check(made["id"])
    assert (check.status, check.conclusion, len(check.annotations)) == ("completed", "failure", 50)


@pytest.mark.parametrize("kind", ["begun check", "ended check"])
def test_where_check_runs_are_not_ours_to_make_there_is_a_status(site: Site, kind: str) -> None:
    thing = EACH[kind](site)
    site.fake.faults.add(Fault.FORBIDDEN, method="POST", path="*/check-runs")
    state = "pending" if kind == "begun check" else "failure"
    assert make(site, thing.effect) == {"status": state}
    assert thing.count() == 0
    assert site.repository.statuses(site.head)[-1].fields["state"] == state


def test_somebody_else_s_comment_with_our_marker_is_not_ours(site: Site) -> None:
    number = site.repository.open_issue("tax", "It is wrong.", "ann")
    site.repository.comment(number, "eve", STICKY)
    make(site, Sticky(number=number, body=STICKY))
    theirs, ours = site.repository.comments(number)
    assert (theirs.author.login, ours.author.login) == ("eve", site.login)


def test_of_two_comments_of_ours_the_oldest_is_changed(site: Site) -> None:
    number = site.repository.open_issue("tax", "It is wrong.", "ann")
    for _ in range(2):
        site.forge.create_comment(site.repository.name, number, STICKY)
    body = STICKY.replace("fixed", "not fixed")
    make(site, Sticky(number=number, body=body))
    assert [one.body for one in site.repository.comments(number)] == [body, STICKY]


def test_a_marker_that_is_quoted_is_none(site: Site) -> None:
    thing = EACH["comment"](site)
    assert isinstance(thing.effect, Post)
    quoted = f"> yes\n{thing.effect.marker}\n"
    site.forge.create_comment(site.repository.name, thing.effect.number, quoted)
    make(site, thing.effect)
    assert thing.count() == 2


def test_a_check_run_of_another_app_with_our_name_is_not_ours(site: Site) -> None:
    thing = EACH["begun check"](site)
    make(site, thing.effect)
    site.repository.checks()[-1].app = 99
    make(site, thing.effect)
    assert thing.count() == 2


def test_a_pull_request_that_somebody_closed_stays_closed(site: Site) -> None:
    thing = EACH["pull request"](site)
    made = make(site, thing.effect)
    site.repository.close(made["number"], "ann")
    assert make(site, thing.effect) == made
    assert thing.count() == 1


def test_a_branch_that_somebody_else_has_moved_is_left_as_it_is(site: Site) -> None:
    thing = EACH["branch"](site)
    assert isinstance(thing.effect, Push)
    theirs = site.repository.commit(thing.effect.branch, {"a.py": "1\n"})
    assert "somebody else" in make(site, thing.effect)["failed"]
    assert site.repository.branches()[thing.effect.branch] == theirs


def _writes(site: Site) -> int:
    return sum(not asked.path.endswith("access_tokens") for asked in site.fake.writes())
