import json
from pathlib import Path

from agent.ci.surroundings import Runner, surroundings

GITHUB = {"GITHUB_ACTIONS": "true", "GITHUB_STEP_SUMMARY": "/s", "GITHUB_OUTPUT": "/o"}
NONE = "0" * 40


def event(tmp_path: Path, document: object) -> str:
    path = tmp_path / "event.json"
    path.write_text(json.dumps(document))
    return str(path)


def test_a_pull_request_begins_at_its_branch_or_at_the_commit_of_the_event(tmp_path: Path) -> None:
    path = event(tmp_path, {"pull_request": {"base": {"sha": "a" * 40}}})
    place = surroundings({**GITHUB, "GITHUB_BASE_REF": "main", "GITHUB_EVENT_PATH": path})
    assert place.runner is Runner.GITHUB and place.bases == ("origin/main", "a" * 40)
    assert (place.step_summary, place.step_outputs) == (Path("/s"), Path("/o"))
    assert "fetch-depth: 0" in place.remedy


def test_a_push_begins_at_what_was_there_before(tmp_path: Path) -> None:
    environ = {**GITHUB, "GITHUB_BASE_REF": ""}
    pushed = surroundings({**environ, "GITHUB_EVENT_PATH": event(tmp_path, {"before": "b" * 40})})
    assert pushed.bases == ("b" * 40,)
    created = surroundings({**environ, "GITHUB_EVENT_PATH": event(tmp_path, {"before": NONE})})
    assert created.bases == ()


def test_a_merge_queue_names_its_base(tmp_path: Path) -> None:
    path = event(tmp_path, {"merge_group": {"base_sha": "c" * 40}})
    assert surroundings({**GITHUB, "GITHUB_EVENT_PATH": path}).bases == ("c" * 40,)


def test_an_event_of_another_shape_says_nothing(tmp_path: Path) -> None:
    for document in ([], {"pull_request": []}, {"pull_request": {"base": {"sha": 7}}}, {"before": None}):
        environ = {**GITHUB, "GITHUB_EVENT_PATH": event(tmp_path, document)}
        assert surroundings(environ).bases == ()
    (tmp_path / "event.json").write_bytes(b"\xff{")
    assert surroundings({**GITHUB, "GITHUB_EVENT_PATH": str(tmp_path / "event.json")}).bases == ()


def test_gitlab_names_both_kinds_of_base() -> None:
    environ = {"GITLAB_CI": "true", "CI_COMMIT_BEFORE_SHA": NONE, "CI_MERGE_REQUEST_DIFF_BASE_SHA": "d" * 40}
    place = surroundings(environ)
    assert place.runner is Runner.GITLAB and place.bases == ("d" * 40,) and "GIT_DEPTH" in place.remedy


def test_elsewhere_nothing_is_assumed() -> None:
    assert surroundings({"CI": "true", "GITHUB_BASE_REF": "main"}).bases == ()
