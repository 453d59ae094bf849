"""The client against a server that misbehaves in every way a connection can."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TypeVar

import pytest

from agent.client.client import Client
from agent.protocol.api import TaskView
from agent.protocol.control import PauseRequested
from agent.protocol.errors import IsolationUnavailable, RatchetError, UsageError
from agent.protocol.event import Event, TaskFinished, TaskSubmitted, UnknownEvent
from agent.protocol.index import IndexCallers, IndexHits, SearchRequest
from agent.protocol.outcome import Outcome
from agent.protocol.progress import Progress
from agent.protocol.summary import Status, TaskPage, TaskSummary
from agent.protocol.task import TaskKind, TaskSpec
from tests.client.scripted import Answer, Scripted, document, nothing, serving, stream

T = TypeVar("T")
SPEC = TaskSpec(kind=TaskKind.FIX, repository="/home/ada/project")
SUMMARY = TaskSummary(
    task_id="20260101-000000-abcdef01",
    kind=TaskKind.FIX,
    repository=SPEC.repository,
    status=Status.QUEUED,
    priority=100,
    created_at=1,
    updated_at=1,
    seq=1,
)
VIEW = TaskView(summary=SUMMARY, spec=SPEC).model_dump(mode="json")


def asked(directory: Path, *answers: Answer, job: Callable[[Client, Scripted], Awaitable[T]]) -> T:
    """Run a job against a server with these answers."""

    async def run() -> T:
        async with serving(directory, *answers) as script, Client(script.find) as client:
            return await asyncio.wait_for(job(client, script), 30)

    return asyncio.run(run())


def event(seq: int, body: object = None) -> Event:
    shown = body or (TaskSubmitted(spec=SPEC) if seq == 1 else PauseRequested(by="cli"))
    return Event(seq=seq, task_id="t", step_key=f"s{seq}", recorded_at=seq, body=shown)  # type: ignore[arg-type]


def sent(*items: Event | Progress | str) -> bytes:
    """Return items as the daemon sends them; a string is sent as it is."""
    return "".join(map(_sent, items)).encode()


def _sent(item: Event | Progress | str) -> str:
    if isinstance(item, Event):
        return f"id: {item.seq}\nevent: task\ndata: {item.model_dump_json()}\n\n"
    if isinstance(item, Progress):
        return f"event: progress\ndata: {item.model_dump_json()}\n\n"
    return item


END = "event: end\ndata: {}\n\n"


async def followed(client: Client, _: Scripted) -> list[Event | Progress]:
    return [item async for item in client.events("t")]


def numbers(items: list[Event | Progress]) -> list[int]:
    return [item.seq for item in items if isinstance(item, Event)]


def test_events_and_progress_come_as_they_were_sent(tmp_path: Path) -> None:
    update = Progress(phase="search", candidates=3)
    answer = stream(sent(event(1), ": still here\n\n", update, event(2), END))
    assert asked(tmp_path, answer, job=followed) == [event(1), update, event(2)]


def test_a_cut_stream_goes_on_where_it_was_cut(tmp_path: Path) -> None:
    async def job(client: Client, script: Scripted) -> tuple[list[int], list[str]]:
        items = await followed(client, script)
        return numbers(items), [request.headers["last-event-id"] for request in script.requests]

    second = sent(event(2))
    answers = (
        stream(sent(event(1)), second[: len(second) // 2], cut=True),
        nothing,
        stream(second),
        stream(sent(event(3), END)),
    )
    assert asked(tmp_path, *answers, job=job) == ([1, 2, 3], ["0", "1", "1", "2"])


def test_what_is_sent_twice_is_seen_once(tmp_path: Path) -> None:
    answers = stream(sent(event(1), event(2))), stream(sent(event(1), event(2), event(3), END))
    assert numbers(asked(tmp_path, *answers, job=followed)) == [1, 2, 3]


def test_what_was_left_out_is_asked_for_again(tmp_path: Path) -> None:
    answers = stream(sent(event(1), event(3), END)), stream(sent(event(2), event(3), END))
    assert numbers(asked(tmp_path, *answers, job=followed)) == [1, 2, 3]


def test_a_daemon_that_cannot_answer_just_now_is_asked_again(tmp_path: Path) -> None:
    busy = {"type": "urn:ratchet:store", "title": "Service Unavailable", "status": 503, "detail": "full"}
    answers = document(busy, 503), stream(sent(event(1), END))
    assert numbers(asked(tmp_path, *answers, job=followed)) == [1]


def test_line_separators_inside_of_an_event_do_not_end_it(tmp_path: Path) -> None:
    odd = event(2, TaskFinished(outcome=Outcome.VERIFIED, reason="a\u2028b\x85c\x0cd\re\nf"))
    assert asked(tmp_path, stream(sent(event(1), odd, END)), job=followed)[1] == odd


def test_a_large_event_in_small_pieces_is_one_event(tmp_path: Path) -> None:
    large = event(1, TaskFinished(outcome=Outcome.VERIFIED, reason="r", log="läng\n" * 200_000))
    whole = sent(large, END)
    pieces = [whole[at : at + 1013] for at in range(0, len(whole), 1013)]
    assert asked(tmp_path, stream(*pieces), job=followed) == [large]


def test_an_event_that_a_newer_daemon_widened_is_kept(tmp_path: Path) -> None:
    wider = json.loads(event(2).model_dump_json())
    wider["body"]["mood"] = "fine"
    answer = stream(sent(event(1), f"id: 2\nevent: task\ndata: {json.dumps(wider)}\n\n", END))
    kept = asked(tmp_path, answer, job=followed)[1]
    assert isinstance(kept, Event)
    assert kept.body == UnknownEvent(type="PauseRequested", data={"by": "cli", "mood": "fine"})


def test_the_events_of_an_unknown_task_are_an_error_at_once(tmp_path: Path) -> None:
    unknown = {
        "type": "urn:ratchet:no-such-task",
        "title": "Not Found",
        "status": 404,
        "detail": "no task 't'",
        "hint": "look at the list",
        "outcome": "usage",
    }
    with pytest.raises(UsageError) as caught:
        asked(tmp_path, document(unknown, 404, "application/problem+json"), job=followed)
    error = caught.value
    assert (error.code, error.message, error.hint) == ("no-such-task", "no task 't'", "look at the list")


def test_a_problem_becomes_the_error_that_it_was(tmp_path: Path) -> None:
    problem = {
        "type": "urn:ratchet:sandbox",
        "title": "x",
        "status": 500,
        "detail": "no sandbox",
        "outcome": "sandbox",
    }

    async def job(client: Client, _: Scripted) -> None:
        await client.task("t")

    with pytest.raises(IsolationUnavailable, match="no sandbox"):
        asked(tmp_path, document(problem, 500), job=job)


@pytest.mark.parametrize("body", [b"<html>", b"{}", b""])
def test_an_error_that_is_no_problem_document_is_still_one_sentence(tmp_path: Path, body: bytes) -> None:
    async def job(client: Client, _: Scripted) -> None:
        await client.health()

    with pytest.raises(RatchetError, match="answered with 500"):
        asked(tmp_path, document(body, 500), job=job)


def test_a_task_whose_answer_got_lost_is_asked_for_with_the_same_key(tmp_path: Path) -> None:
    async def job(client: Client, script: Scripted) -> tuple[TaskView, set[str], int]:
        view = await client.create(SPEC)
        return view, {one.headers["idempotency-key"] for one in script.requests}, len(script.requests)

    view, keys, requests = asked(tmp_path, nothing, nothing, document(VIEW, 201), job=job)
    assert (view.summary, len(keys), requests) == (SUMMARY, 1, 3)


def test_two_tasks_have_two_keys(tmp_path: Path) -> None:
    async def job(client: Client, script: Scripted) -> set[str]:
        await client.create(SPEC)
        await client.create(SPEC)
        return {one.headers["idempotency-key"] for one in script.requests}

    assert len(asked(tmp_path, document(VIEW, 201), job=job)) == 2


def test_a_change_that_may_have_been_made_is_not_repeated(tmp_path: Path) -> None:
    async def job(client: Client, script: Scripted) -> int:
        with pytest.raises(RatchetError, match="lost before it answered"):
            await client.retry("t")
        return len(script.requests)

    assert asked(tmp_path, nothing, document(VIEW), job=job) == 1


def test_a_cancel_is_repeated_until_it_got_through(tmp_path: Path) -> None:
    async def job(client: Client, script: Scripted) -> list[str]:
        await client.cancel("t")
        return [f"{one.method} {one.path}" for one in script.requests]

    assert asked(tmp_path, nothing, document(VIEW), job=job) == ["POST /v1/tasks/t/cancel"] * 2


def test_a_list_is_read_page_by_page_and_no_further_than_asked(tmp_path: Path) -> None:
    def page(*ids: str, cursor: str | None) -> Answer:
        tasks = tuple(SUMMARY.model_copy(update={"task_id": one}) for one in ids)
        return document(TaskPage(tasks=tasks, cursor=cursor).model_dump(mode="json"))

    async def job(client: Client, script: Scripted) -> tuple[list[str], list[str]]:
        found = [task.task_id async for task in client.tasks(limit=3, status=Status.QUEUED)]
        return found, [request.path for request in script.requests]

    found, paths = asked(tmp_path, page("d", "c", cursor="x"), page("b", "a", cursor="y"), job=job)
    assert found == ["d", "c", "b"]
    assert paths == ["/v1/tasks?limit=3&status=queued", "/v1/tasks?cursor=x&limit=1&status=queued"]


def test_fields_of_a_newer_daemon_are_passed_over(tmp_path: Path) -> None:
    wider = {**VIEW, "summary": {**VIEW["summary"], "mood": "fine"}, "more": 1}

    async def job(client: Client, _: Scripted) -> TaskView:
        return await client.task("t")

    assert asked(tmp_path, document(wider), job=job).summary == SUMMARY


def test_an_odd_task_id_stays_within_its_place_in_the_address(tmp_path: Path) -> None:
    async def job(client: Client, script: Scripted) -> str:
        await client.task("../x?y#z")
        return script.requests[0].path

    assert asked(tmp_path, document(VIEW), job=job) == "/v1/tasks/..%2Fx%3Fy%23z"


def test_the_index_is_asked_as_it_is_described(tmp_path: Path) -> None:
    hits = IndexHits(commit="a" * 40, hits=())
    callers = IndexCallers(commit="a" * 40, callers=())

    async def job(client: Client, script: Scripted) -> None:
        wanted = SearchRequest(repository="/home/ada/project", text="it breaks")
        assert await client.search(wanted) == hits
        assert await client.callers("/home/ada/project", "Basket.total", limit=5) == callers
        first, second = script.requests
        assert (first.path, SearchRequest.model_validate_json(first.body)) == ("/v1/index/search", wanted)
        assert second.path == "/v1/index/callers?repository=%2Fhome%2Fada%2Fproject&name=Basket.total&limit=5"

    asked(
        tmp_path,
        document(hits.model_dump(mode="json")),
        document(callers.model_dump(mode="json")),
        job=job,
    )
