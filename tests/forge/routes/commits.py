"""Check runs and statuses."""

from typing import Any

from tests.forge import git
from tests.forge.exchange import Answer, Call, Refused, Table, page
from tests.forge.shapes import commits, people, threads
from tests.forge.tokens import Kind
from tests.forge.world import Check, Status

TABLE = Table()
_ROOT = "/repos/{owner}/{repo}"
LONGEST_SUMMARY = 65_535


def _app(call: Call) -> int:
    if call.user and call.token and call.token.kind is Kind.PERSONAL:
        raise Refused(403, "You must authenticate via a GitHub App.")
    assert call.token and call.token.app
    return call.token.app


def _refuse_wrong(fields: dict[str, Any]) -> None:
    """Refuse what the description of the API does not say, and only the server does."""
    output = fields.get("output") or {}
    for name in ("summary", "text"):
        if len((output.get(name) or "").encode()) > LONGEST_SUMMARY:
            raise Refused(422, f"Invalid request. Only {LONGEST_SUMMARY} characters are allowed in {name}.")
    for note in output.get("annotations") or ():
        columns = "start_column" in note or "end_column" in note
        if note["end_line"] < note["start_line"] or (columns and note["start_line"] != note["end_line"]):
            raise Refused(422, "Invalid request. The lines or columns of an annotation are wrong.")
    if fields.get("status") == "completed" and not fields.get("conclusion"):
        raise Refused(422, "Invalid request. `conclusion` is needed for a completed check run.")


@TABLE.on("POST", f"{_ROOT}/check-runs", "checks:write")
def create_check(call: Call) -> Answer:
    """Make a check run."""
    found, app, body = call.repository, _app(call), call.body
    _refuse_wrong(body)
    head = body.get("head_sha", "")
    if git.asks(found.path, "cat-file", "-e", f"{head}^{{commit}}") is None or len(head) != 40:
        raise Refused(422, f"No commit found for SHA: {head}")
    made = Check(call.world.new_id(), app, {})
    _change(made, body)
    found.checks.append(made)
    _tell(call, made, "created")
    return Answer(201, commits.check(call.world, found, made))


def _tell(call: Call, made: Check, action: str) -> None:
    call.events.tell("check_run", action, call.repository, call.user, check=made)


def _change(made: Check, fields: dict[str, Any]) -> None:
    fields = dict(fields)
    output = dict(fields.pop("output", None) or {})
    made.annotations += output.pop("annotations", None) or []
    if fields.get("conclusion"):
        fields["status"] = "completed"
    if output:
        fields["output"] = {**made.fields.get("output", {}), **output}
    made.fields |= fields


def _check(call: Call) -> Check:
    for made in call.repository.checks:
        if made.id == call.number("check_run_id"):
            return made
    raise Refused(404, "Not Found")


@TABLE.on("PATCH", f"{_ROOT}/check-runs/{{check_run_id}}", "checks:write")
def update_check(call: Call) -> Answer:
    """Change a check run; annotations add up."""
    made, app = _check(call), _app(call)
    if made.app != app:
        raise Refused(
            403, f"Invalid app_id `{app}` - check run can only be modified by the GitHub App that created it."
        )
    _refuse_wrong(call.body)
    before = made.status
    _change(made, call.body)
    if made.status == "completed" != before:
        _tell(call, made, "completed")
    return Answer(200, commits.check(call.world, call.repository, made))


@TABLE.on("GET", f"{_ROOT}/check-runs/{{check_run_id}}", "checks:read")
def check(call: Call) -> Answer:
    """Answer with a check run."""
    return Answer(200, commits.check(call.world, call.repository, _check(call)))


@TABLE.on("GET", f"{_ROOT}/check-runs/{{check_run_id}}/annotations", "checks:read")
def annotations(call: Call) -> Answer:
    """Answer with the annotations of a check run."""
    made, found = _check(call), call.repository
    head = made.fields["head_sha"]
    return call.paged([commits.annotation(call.world, found, given, head) for given in made.annotations])


@TABLE.on("GET", f"{_ROOT}/commits/{{ref}}/check-runs", "checks:read")
def checks(call: Call) -> Answer:
    """Answer with the check runs of a commit, newest first; `filter=latest` has one of each name and App."""
    found, query = call.repository, call.request.query
    head = _commit(call)
    kept = [
        made
        for made in reversed(found.checks)
        if made.fields["head_sha"] == head
        and query.get("check_name", made.fields["name"]) == made.fields["name"]
        and query.get("status", made.fields.get("status", "queued")) == made.fields.get("status", "queued")
        and query.get("app_id", str(made.app)) == str(made.app)
    ]
    if query.get("filter", "latest") == "latest":
        newest = {(made.app, made.fields["name"]): made for made in reversed(kept)}
        kept = [made for made in kept if newest[made.app, made.fields["name"]] is made]
    shapes, headers = page(call, [commits.check(call.world, found, made) for made in kept])
    return Answer(200, {"total_count": len(kept), "check_runs": shapes}, headers)


def _commit(call: Call, part: str = "ref") -> str:
    head = git.resolve(call.repository.path, call.parts[part])
    if head is None:
        raise Refused(422, f"No commit found for SHA: {call.parts[part]}")
    return head


@TABLE.on("POST", f"{_ROOT}/statuses/{{sha}}", "statuses:write")
def create_status(call: Call) -> Answer:
    """Say how a commit stands."""
    found, sha, body = call.repository, call.parts["sha"], call.body
    if git.asks(found.path, "cat-file", "-e", f"{sha}^{{commit}}") is None:
        raise Refused(422, f"No commit found for SHA: {sha}")
    if body.get("state") not in ("error", "failure", "pending", "success"):
        raise Refused(422, "Validation Failed", {"resource": "Status", "code": "invalid", "field": "state"})
    if len(body.get("description") or "") > 140:
        message = "description is too long (maximum is 140 characters)"
        raise Refused(
            422,
            "Validation Failed",
            {"resource": "Status", "code": "custom", "field": "description", "message": message},
        )
    made = Status(call.world.new_id(), sha, call.user, dict(body))
    found.statuses.append(made)
    shape = commits.status(call.world, found, made)
    return Answer(201, shape, {"Location": shape["url"]})


@TABLE.on("GET", f"{_ROOT}/commits/{{ref}}/statuses", "statuses:read")
def statuses(call: Call) -> Answer:
    """Answer with the statuses of a commit, newest first."""
    found, head = call.repository, _commit(call)
    kept = [made for made in reversed(found.statuses) if made.commit == head]
    return call.paged([commits.status(call.world, found, made) for made in kept])


@TABLE.on("GET", f"{_ROOT}/commits/{{ref}}/status", "statuses:read")
def combined_status(call: Call) -> Answer:
    """Answer with how a commit stands, all in all; the newest of each context counts."""
    found, head = call.repository, _commit(call)
    newest = {made.fields.get("context", "default"): made for made in found.statuses if made.commit == head}
    states = {made.fields["state"] for made in newest.values()}
    bad = states & {"failure", "error"}
    shape = {
        "state": "failure" if bad else "success" if states == {"success"} else "pending",
        "statuses": [commits.status(call.world, found, made) for made in newest.values()],
        "sha": head,
        "total_count": len(newest),
        "repository": people.repository(call.world, found),
        "commit_url": f"{call.world.api}/repos/{found.full_name}/commits/{head}",
        "url": f"{call.world.api}/repos/{found.full_name}/commits/{head}/status",
    }
    return Answer(200, shape)


@TABLE.on("GET", f"{_ROOT}/commits/{{commit_sha}}/pulls", "pull_requests:read")
def pulls_of(call: Call) -> Answer:
    """Answer with the pull requests whose head a commit is."""
    found, head = call.repository, _commit(call, "commit_sha")
    kept = [thread for thread in found.threads.values() if thread.pull and thread.pull.head_commit == head]
    return call.paged([threads.pull(call.world, found, thread, whole=False) for thread in kept])
