"""Tasks through the real daemon over its socket."""

import json
import time

import httpx
import pytest

from tests.daemon.daemon_process import finished, following, spec, submit, wait_for_status


def test_a_submitted_task_is_worked_on_to_its_end(http: httpx.Client) -> None:
    task_id = submit(http, "step", "step")

    view = finished(http, task_id)

    assert view["summary"]["outcome"] == "unverified"
    assert view["report"]["task_id"] == task_id
    kinds = [each["body"]["type"] for each in http.get(f"/v1/tasks/{task_id}/events").json()]
    assert kinds == ["TaskSubmitted", "ProposalMade", "ProposalMade", "TaskFinished"]


def test_the_same_key_gives_the_same_task(http: httpx.Client) -> None:
    headers = {"Idempotency-Key": "once"}
    first = http.post("/v1/tasks", json=spec(), headers=headers)
    again = http.post("/v1/tasks", json=spec("step"), headers=headers)

    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json()["summary"]["task_id"] == again.json()["summary"]["task_id"]


def test_each_of_several_keys_gives_the_same_task(http: httpx.Client) -> None:
    made = http.post("/v1/tasks", json=spec(), headers={"Idempotency-Key": "gh:one,body:one"})
    asked = [
        http.post("/v1/tasks", json=spec(), headers={"Idempotency-Key": keys})
        for keys in ("gh:two, body:one", "gh:two", "body:one")
    ]

    assert made.status_code == 201
    assert {(each.status_code, each.json()["summary"]["task_id"]) for each in asked} == {
        (200, made.json()["summary"]["task_id"])
    }


@pytest.mark.parametrize("keys", ["", ",", "a,", "a,,b", "a b", "a,  b", "x" * 201, ",".join("abcdefghi")])
def test_keys_that_are_no_keys_are_refused(http: httpx.Client, keys: str) -> None:
    assert http.post("/v1/tasks", json=spec(), headers={"Idempotency-Key": keys}).status_code == 422


def test_a_reply_to_nothing_is_refused(http: httpx.Client) -> None:
    answer = http.post("/v1/tasks", json={**spec(), "kind": "reply"})
    assert answer.status_code == 422 and "forge" in answer.text


def test_pages_lead_through_all_tasks_of_a_repository(http: httpx.Client) -> None:
    made = [submit(http, repository="/paged") for _ in range(5)]

    seen, cursor = [], None
    while True:
        asked = {"repository": "/paged", "limit": 2, **({"cursor": cursor} if cursor else {})}
        page = http.get("/v1/tasks", params=asked).json()
        seen += [each["task_id"] for each in page["tasks"]]
        cursor = page["cursor"]
        if cursor is None:
            break

    assert seen == made[::-1]
    uses = {each["repository"]: each for each in http.get("/v1/repositories").json()}
    assert uses["/paged"]["tasks"] == 5
    assert uses["/paged"]["newest"] == made[-1]


def test_a_cancel_interrupts_a_running_step(http: httpx.Client) -> None:
    task_id = submit(http, "sleep:600")
    wait_for_status(http, task_id, "running")

    answer = http.post(f"/v1/tasks/{task_id}/cancel")

    assert answer.status_code == 200
    assert finished(http, task_id)["summary"]["outcome"] == "interrupted"


def test_a_paused_task_goes_on_where_it_stopped(http: httpx.Client) -> None:
    task_id = submit(http, "step", "sleep:600", "step")
    wait_for_status(http, task_id, "running")
    http.post(f"/v1/tasks/{task_id}/pause")
    assert wait_for_status(http, task_id, "paused")["summary"]["outcome"] is None

    http.post(f"/v1/tasks/{task_id}/resume")
    wait_for_status(http, task_id, "running")
    http.post(f"/v1/tasks/{task_id}/cancel")

    finished(http, task_id)
    keys = [each["step_key"] for each in http.get(f"/v1/tasks/{task_id}/events").json()]
    assert keys.count("step:0") == 1


def test_an_approval_given_once_settles_it(http: httpx.Client) -> None:
    task_id = submit(http, "ask", "step")
    view = wait_for_status(http, task_id, "waiting")
    assert [each["id"] for each in view["open_approvals"]] == ["apply"]

    allowed = http.post(f"/v1/tasks/{task_id}/approve", json={"reason": "fine"})
    denied = http.post(f"/v1/tasks/{task_id}/deny", json={"approval_id": "apply"})

    assert allowed.json()["answers"][0]["by"].startswith("local:")
    assert denied.status_code == 409
    assert finished(http, task_id)["summary"]["outcome"] == "unverified"


def test_a_yes_for_the_whole_task_is_kept_with_what_it_allows(http: httpx.Client) -> None:
    task_id = submit(http, "ask")
    wait_for_status(http, task_id, "waiting")
    where = f"/v1/tasks/{task_id}"

    refused = [
        http.post(f"{where}/approve", json={"scope": "pattern"}),
        http.post(f"{where}/approve", json={"scope": "pattern", "pattern": "deliver"}),
        http.post(f"{where}/approve", json={"pattern": "apply"}),
        http.post(f"{where}/approve", json={"scope": "for ever"}),
        http.post(f"{where}/deny", json={"scope": "task"}),
        http.post(f"{where}/deny", json={"pattern": "apply"}),
    ]
    allowed = http.post(f"{where}/approve", json={"scope": "pattern", "pattern": "app*"})

    assert {each.status_code for each in refused} == {422}
    answer = allowed.json()["answers"][0]
    granted = {"subject": "tool", "pattern": "app*", "decision": "allow", "origin": "approval"}
    assert (answer["scope"], answer["rules"]) == ("pattern", [granted])
    finished(http, task_id)


def test_a_denied_task_says_so(http: httpx.Client) -> None:
    task_id = submit(http, "ask")
    wait_for_status(http, task_id, "waiting")

    http.post(f"/v1/tasks/{task_id}/deny", json={})

    assert finished(http, task_id)["summary"]["outcome"] == "denied"


def test_a_retry_begins_again(http: httpx.Client) -> None:
    task_id = submit(http, "step")
    finished(http, task_id)

    assert http.post(f"/v1/tasks/{task_id}/retry").status_code == 200

    finished(http, task_id)
    keys = [each["step_key"] for each in http.get(f"/v1/tasks/{task_id}/events").json()]
    assert keys == ["submit", "step:0", "finish", "retry:4", "2/step:0", "2/finish"]


def test_a_task_that_is_begun_again_right_after_its_cancel_is_left_to_work(http: httpx.Client) -> None:
    task_id = submit(http, "ask", "sleep:6")
    wait_for_status(http, task_id, "waiting")
    http.post(f"/v1/tasks/{task_id}/cancel")
    finished(http, task_id)

    http.post(f"/v1/tasks/{task_id}/retry")
    wait_for_status(http, task_id, "waiting")
    http.post(f"/v1/tasks/{task_id}/approve", json={})

    assert finished(http, task_id)["summary"]["outcome"] == "unverified"
    assert "ratchet_worker_deaths_total 0.0" in http.get("/v1/metrics").text


def test_a_priority_moves_a_task_that_waits(http: httpx.Client) -> None:
    task_id = submit(http, "ask")
    wait_for_status(http, task_id, "waiting")

    view = http.post(f"/v1/tasks/{task_id}/priority", json={"priority": 7}).json()

    assert view["summary"]["priority"] == 7
    http.post(f"/v1/tasks/{task_id}/cancel")


def test_patch_and_log_are_text(http: httpx.Client) -> None:
    task_id = submit(http)
    finished(http, task_id)

    patch, log = (http.get(f"/v1/tasks/{task_id}/{name}") for name in ("patch", "log"))

    assert patch.text == ""
    assert patch.headers["content-type"].startswith("text/x-diff")
    assert log.headers["content-type"].startswith("text/plain")
    assert "TaskFinished: unverified: the script is at its end" in log.text


def test_health_says_who_serves(http: httpx.Client) -> None:
    health = http.get("/v1/health").json()

    assert health["api"] == 1
    assert health["problems"] == []
    assert health["database"].endswith("ratchet.db")


def test_the_figures_count_what_happened(http: httpx.Client) -> None:
    finished(http, submit(http, "step"))

    text = http.get("/v1/metrics").text

    assert 'ratchet_step_seconds_count{type="ProposalMade"}' in text
    assert 'route="/v1/tasks/{task_id}"' in text
    assert 'ratchet_tasks{status="queued"}' in text


def test_a_question_that_nobody_answers_by_the_deadline_ends_its_task(http: httpx.Client) -> None:
    task_id = submit(http, "ask", "step", deadline=int(time.time()))
    with following(http, task_id) as heard:
        assert next(each for each in heard if json.loads(each.data).get("step_key") == "finish")
    assert finished(http, task_id)["summary"]["outcome"] == "budget"
    assert http.post(f"/v1/tasks/{task_id}/approve", json={}).status_code == 409
