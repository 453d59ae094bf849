"""Workflow runs, their jobs, installations and deliveries as GitHub writes them."""

import json

from tests.forge.shapes.commits import app
from tests.forge.shapes.people import Shape, repository, user
from tests.forge.tokens import ALL
from tests.forge.world import Artifact, Hosted, Job, Kept, Run, World, stamp


def run(world: World, found: Hosted, kept: Run) -> Shape:
    """Return a workflow run."""
    root = f"{world.api}/repos/{found.full_name}/actions/runs/{kept.id}"
    return {
        "id": kept.id,
        "name": kept.name,
        "node_id": f"WFR_{kept.id}",
        "check_suite_id": kept.id + 1,
        "check_suite_node_id": f"CS_{kept.id}",
        "head_branch": kept.branch,
        "head_sha": kept.head,
        "path": kept.path,
        "display_title": kept.name,
        "run_number": 1,
        "run_attempt": len(kept.attempts),
        "event": kept.event,
        "status": "completed",
        "conclusion": kept.conclusion,
        "workflow_id": 7,
        "url": root,
        "html_url": f"{world.web}/{found.full_name}/actions/runs/{kept.id}",
        "pull_requests": [_about(world, found, number) for number in kept.pulls],
        "created_at": kept.at,
        "updated_at": kept.at,
        "run_started_at": kept.at,
        "actor": user(world, kept.actor),
        "triggering_actor": user(world, kept.triggered_by),
        **{f"{name}_url": f"{root}/{name}" for name in ("jobs", "logs", "artifacts", "cancel", "rerun")},
        "check_suite_url": f"{world.api}/repos/{found.full_name}/check-suites/{kept.id + 1}",
        "workflow_url": f"{world.api}/repos/{found.full_name}/actions/workflows/7",
        "previous_attempt_url": None,
        "head_commit": {
            "id": kept.head,
            "tree_id": kept.head,
            "message": "a commit",
            "timestamp": kept.at,
            "author": {"name": kept.actor.login, "email": "a@example.org"},
            "committer": {"name": kept.actor.login, "email": "a@example.org"},
        },
        "repository": repository(world, found),
        "head_repository": repository(world, kept.origin) if kept.origin else None,
    }


def _about(world: World, found: Hosted, number: int) -> Shape:
    thread = found.threads[number]
    pull = thread.pull
    assert pull
    place = {"id": found.id, "url": f"{world.api}/repos/{found.full_name}", "name": found.name}
    return {
        "url": f"{world.api}/repos/{found.full_name}/pulls/{number}",
        "id": thread.id,
        "number": number,
        "head": {"ref": pull.head_branch, "sha": pull.head_commit, "repo": place},
        "base": {"ref": pull.base_branch, "sha": pull.base_commit, "repo": place},
    }


def job(world: World, found: Hosted, kept: Run, attempt: int, one: Job) -> Shape:
    """Return a job."""
    root = f"{world.api}/repos/{found.full_name}"
    return {
        "id": one.id,
        "run_id": kept.id,
        "run_url": f"{root}/actions/runs/{kept.id}",
        "run_attempt": attempt,
        "node_id": f"J_{one.id}",
        "head_sha": kept.head,
        "head_branch": kept.branch,
        "url": f"{root}/actions/jobs/{one.id}",
        "html_url": f"{world.web}/{found.full_name}/actions/runs/{kept.id}/job/{one.id}",
        "status": "completed",
        "conclusion": one.conclusion,
        "created_at": kept.at,
        "started_at": kept.at,
        "completed_at": kept.at,
        "name": one.name,
        "steps": [
            {
                "name": name,
                "status": "completed",
                "conclusion": conclusion,
                "number": number,
                "started_at": kept.at,
                "completed_at": kept.at,
            }
            for number, (name, conclusion) in enumerate(one.steps, 1)
        ],
        "check_run_url": f"{root}/check-runs/{one.id}",
        "labels": one.labels,
        "runner_id": 1,
        "runner_name": "hosted",
        "runner_group_id": 1,
        "runner_group_name": "hosted",
        "workflow_name": kept.name,
    }


def artifact(world: World, found: Hosted, kept: Run, one: Artifact) -> Shape:
    """Return an artifact."""
    root = f"{world.api}/repos/{found.full_name}/actions/artifacts/{one.id}"
    return {
        "id": one.id,
        "node_id": f"A_{one.id}",
        "name": one.name,
        "size_in_bytes": len(one.content),
        "url": root,
        "archive_download_url": f"{root}/zip",
        "expired": one.expired,
        "created_at": one.at,
        "updated_at": one.at,
        "expires_at": one.at,
        "workflow_run": {"id": kept.id, "head_branch": kept.branch, "head_sha": kept.head},
    }


def installation(world: World, number: int, app_id: int) -> Shape:
    """Return an installation of the App."""
    return {
        "id": number,
        "account": user(world, world.user("acme")),
        "repository_selection": "all",
        "access_tokens_url": f"{world.api}/app/installations/{number}/access_tokens",
        "repositories_url": f"{world.api}/installation/repositories",
        "html_url": f"{world.web}/settings/installations/{number}",
        "app_id": app_id,
        "app_slug": app(world, app_id)["slug"],
        "target_id": 1,
        "target_type": "Organization",
        "permissions": dict(ALL),
        "events": ["issue_comment"],
        "single_file_name": None,
        "suspended_by": None,
        "suspended_at": None,
        "created_at": "2026-01-01T00:00:00Z",
        "updated_at": "2026-01-01T00:00:00Z",
    }


def delivery(kept: Kept, *, whole: bool = False) -> Shape:
    """Return a delivery; alone it has its request and the answer to it."""
    shape: Shape = {
        "id": kept.id,
        "guid": kept.guid,
        "delivered_at": stamp(kept.at),
        "redelivery": kept.redelivery,
        "duration": round(kept.seconds, 2),
        "status": "OK"
        if 200 <= kept.status < 300
        else "failed to connect to host"
        if not kept.status
        else "Error",
        "status_code": kept.status,
        "event": kept.event,
        "action": kept.action,
        "installation_id": kept.installation,
        "repository_id": kept.repository,
        "throttled_at": None,
    }
    if whole:
        shape["request"] = {"headers": kept.headers, "payload": json.loads(kept.body)}
        shape["response"] = {"headers": {}, "payload": kept.answer}
    return shape
