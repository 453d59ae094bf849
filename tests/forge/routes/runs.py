"""Workflow runs, their jobs, logs and artifacts."""

from datetime import datetime

from tests.forge.exchange import Answer, Call, Refused, Table, page
from tests.forge.shapes import runs
from tests.forge.world import Job, Run

TABLE = Table()
_ROOT = "/repos/{owner}/{repo}/actions"


def _run(call: Call) -> Run:
    kept = call.repository.runs.get(call.number("run_id"))
    if kept is None:
        raise Refused(404, "Not Found")
    return kept


@TABLE.on("GET", f"{_ROOT}/runs/{{run_id}}", "actions:read")
def run(call: Call) -> Answer:
    """Answer with a workflow run."""
    return Answer(200, runs.run(call.world, call.repository, _run(call)))


@TABLE.on("GET", f"{_ROOT}/runs", "actions:read")
def all_runs(call: Call) -> Answer:
    """Answer with workflow runs, newest first."""
    found, query = call.repository, call.request.query
    kept = [
        one
        for one in reversed(found.runs.values())
        if query.get("status", one.conclusion) in (one.conclusion, "completed")
        and query.get("head_sha", one.head) == one.head
        and query.get("branch", one.branch) == one.branch
        and query.get("event", one.event) == one.event
        and _created(query.get("created", ""), one.at)
    ]
    shapes, headers = page(call, [runs.run(call.world, found, one) for one in kept])
    return Answer(200, {"total_count": len(kept), "workflow_runs": shapes}, headers)


def _created(wanted: str, at: str) -> bool:
    if not wanted:
        return True
    moment = datetime.fromisoformat(at)
    if ".." in wanted:
        first, _, last = wanted.partition("..")
        after = first == "*" or datetime.fromisoformat(_whole(first)) <= moment
        return after and (last == "*" or moment <= datetime.fromisoformat(_whole(last)))
    if wanted.startswith((">", "<")):
        than = datetime.fromisoformat(_whole(wanted.lstrip("<>=")))
        strictly = moment > than if wanted[0] == ">" else moment < than
        return strictly or (wanted[1] == "=" and moment == than)
    return at.startswith(wanted)


def _whole(text: str) -> str:
    return text if "T" in text else f"{text}T00:00:00Z"


@TABLE.on("GET", f"{_ROOT}/runs/{{run_id}}/attempts/{{attempt_number}}/jobs", "actions:read")
def jobs_of_attempt(call: Call) -> Answer:
    """Answer with the jobs of an attempt."""
    kept, attempt = _run(call), call.number("attempt_number")
    if not 1 <= attempt <= len(kept.attempts):
        raise Refused(404, "Not Found")
    return _jobs(call, kept, attempt)


@TABLE.on("GET", f"{_ROOT}/runs/{{run_id}}/jobs", "actions:read")
def jobs(call: Call) -> Answer:
    """Answer with the jobs of the last attempt."""
    kept = _run(call)
    return _jobs(call, kept, len(kept.attempts))


def _jobs(call: Call, kept: Run, attempt: int) -> Answer:
    found = call.repository
    listed = [runs.job(call.world, found, kept, attempt, one) for one in kept.attempts[attempt - 1]]
    shapes, headers = page(call, listed)
    return Answer(200, {"total_count": len(listed), "jobs": shapes}, headers)


def _job(call: Call) -> tuple[Run, int, Job]:
    wanted = call.number("job_id")
    for triple in call.repository.jobs():
        if triple[2].id == wanted:
            return triple
    raise Refused(404, "Not Found")


@TABLE.on("GET", f"{_ROOT}/jobs/{{job_id}}", "actions:read")
def job(call: Call) -> Answer:
    """Answer with a job."""
    return Answer(200, runs.job(call.world, call.repository, *_job(call)))


@TABLE.on("GET", f"{_ROOT}/jobs/{{job_id}}/logs", "actions:read")
def log(call: Call) -> Answer:
    """Send to where the log lies, on another host and for a minute."""
    if call.token is None:
        raise Refused(403, "Must have admin rights to Repository.")
    return Answer(
        302, None, {"Location": f"{call.world.blobs}/{call.repository.full_name}/{_job(call)[2].id}?sig=1"}
    )


@TABLE.on("GET", f"{_ROOT}/runs/{{run_id}}/artifacts", "actions:read")
def artifacts(call: Call) -> Answer:
    """Answer with the artifacts of all attempts, newest first, expired ones too."""
    found, kept = call.repository, _run(call)
    listed = [runs.artifact(call.world, found, kept, one) for one in reversed(kept.artifacts)]
    shapes, headers = page(call, listed)
    return Answer(200, {"total_count": len(listed), "artifacts": shapes}, headers)


@TABLE.on("GET", f"{_ROOT}/artifacts/{{artifact_id}}/{{archive_format}}", "actions:read")
def archive(call: Call) -> Answer:
    """Send to where the archive lies, on another host and for a minute."""
    if call.token is None:
        raise Refused(401, "Requires authentication")
    wanted, found = call.number("artifact_id"), call.repository
    kept = next((one for _, one in found.artifacts() if one.id == wanted), None)
    if kept is None or call.parts["archive_format"] != "zip":
        raise Refused(404, "Not Found")
    if kept.expired:
        raise Refused(410, "Artifact has expired")
    return Answer(302, None, {"Location": f"{call.world.blobs}/{found.full_name}/{kept.id}?sig=1"})
