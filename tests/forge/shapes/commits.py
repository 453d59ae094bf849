"""Check runs, statuses, branches and files as GitHub writes them."""

import base64
from typing import Any

from tests.forge.shapes.people import Shape, user
from tests.forge.tokens import ALL
from tests.forge.world import Check, Hosted, Status, World


def app(world: World, number: int) -> Shape:
    """Return an App."""
    slug = world.apps.get(number, "unknown")
    return {
        "id": number,
        "slug": slug,
        "node_id": f"A_{number}",
        "client_id": f"Iv1.{number:016x}",
        "owner": user(world, world.user("acme")),
        "name": slug,
        "description": None,
        "external_url": f"{world.web}/apps/{slug}",
        "html_url": f"{world.web}/apps/{slug}",
        "created_at": "2026-01-01T00:00:00Z",
        "updated_at": "2026-01-01T00:00:00Z",
        "permissions": dict(ALL),
        "events": [
            *("issue_comment", "issues", "pull_request", "pull_request_review_comment"),
            *("check_run", "workflow_run"),
        ],
    }


def check(world: World, found: Hosted, made: Check) -> Shape:
    """Return a check run."""
    url = f"{world.api}/repos/{found.full_name}/check-runs/{made.id}"
    fields = made.fields
    output = fields.get("output") or {}
    head = fields["head_sha"]
    return {
        "id": made.id,
        "name": fields["name"],
        "node_id": f"CR_{made.id}",
        "head_sha": head,
        "external_id": fields.get("external_id", ""),
        "url": url,
        "html_url": f"{world.web}/{found.full_name}/runs/{made.id}",
        "details_url": fields.get("details_url", world.web),
        "status": fields.get("status", "queued"),
        "conclusion": fields.get("conclusion"),
        "started_at": fields.get("started_at", made.at),
        "completed_at": fields.get("completed_at"),
        "output": {
            "title": output.get("title"),
            "summary": output.get("summary"),
            "text": output.get("text"),
            "annotations_count": len(made.annotations),
            "annotations_url": f"{url}/annotations",
        },
        "check_suite": {"id": made.app * 1000 + int(head[:4], 16)},
        "app": app(world, made.app),
        "pull_requests": [
            {
                "url": f"{world.api}/repos/{found.full_name}/pulls/{thread.number}",
                "id": thread.id,
                "number": thread.number,
                "head": _minimal(
                    world, thread.pull.head or found, thread.pull.head_branch, thread.pull.head_commit
                ),
                "base": _minimal(world, found, thread.pull.base_branch, thread.pull.base_commit),
            }
            for thread in found.threads.values()
            # GitHub leaves pull requests from forks out.
            if thread.pull
            and thread.state == "open"
            and thread.pull.head is found
            and thread.pull.head_commit == head
        ],
    }


def _minimal(world: World, where: Hosted, branch: str, commit: str) -> Shape:
    place = {"id": where.id, "url": f"{world.api}/repos/{where.full_name}", "name": where.name}
    return {"ref": branch, "sha": commit, "repo": place}


def annotation(world: World, found: Hosted, given: dict[str, Any], commit: str) -> Shape:
    """Return an annotation of a check run."""
    optional = ("start_column", "end_column", "title", "raw_details")
    return {
        "path": given["path"],
        "start_line": given["start_line"],
        "end_line": given["end_line"],
        "annotation_level": given["annotation_level"],
        "message": given["message"],
        "blob_href": f"{world.web}/{found.full_name}/blob/{commit}/{given['path']}",
        **{name: given.get(name) for name in optional},
    }


def status(world: World, found: Hosted, made: Status) -> Shape:
    """Return a status of a commit."""
    return {
        "url": f"{world.api}/repos/{found.full_name}/statuses/{made.commit}",
        "avatar_url": f"{world.web}/avatars/{made.creator.id}",
        "id": made.id,
        "node_id": f"SC_{made.id}",
        "state": made.fields["state"],
        "description": made.fields.get("description"),
        "target_url": made.fields.get("target_url"),
        "context": made.fields.get("context", "default"),
        "created_at": made.at,
        "updated_at": made.at,
        "creator": user(world, made.creator),
    }


def branch(world: World, found: Hosted, name: str, commit: str, *, whole: bool = True) -> Shape:
    """Return a branch; lists have less of it."""
    root = f"{world.api}/repos/{found.full_name}"
    shape: Shape = {
        "name": name,
        "commit": {"sha": commit, "url": f"{root}/commits/{commit}"},
        "protected": False,
        "protection": {"enabled": False},
        "protection_url": f"{root}/branches/{name}/protection",
    }
    if whole:
        shape["commit"] |= {"html_url": f"{world.web}/{found.full_name}/commit/{commit}", "parents": []}
        shape["_links"] = {
            "self": f"{root}/branches/{name}",
            "html": f"{world.web}/{found.full_name}/tree/{name}",
        }
    return shape


def content(world: World, found: Hosted, path: str, ref: str, blob: str, data: bytes) -> Shape:
    """Return a file."""
    root = f"{world.api}/repos/{found.full_name}"
    web = f"{world.web}/{found.full_name}"
    url = f"{root}/contents/{path}?ref={ref}"
    links = {"self": url, "git": f"{root}/git/blobs/{blob}", "html": f"{web}/blob/{ref}/{path}"}
    return {
        "type": "file",
        "encoding": "base64",
        "size": len(data),
        "name": path.rpartition("/")[2],
        "path": path,
        "content": base64.encodebytes(data).decode(),
        "sha": blob,
        "url": url,
        "git_url": links["git"],
        "html_url": links["html"],
        "download_url": f"{web}/raw/{ref}/{path}",
        "_links": links,
    }
