"""Repositories, branches, files, and who may do what in them."""

from agent.protocol.forge import Permission
from tests.forge import git
from tests.forge.exchange import Answer, Call, Refused, Table
from tests.forge.shapes import commits, people
from tests.forge.tokens import Kind

TABLE = Table()
_ROOT = "/repos/{owner}/{repo}"
_SETTINGS = {
    "allow_auto_merge": False,
    "allow_merge_commit": True,
    "allow_rebase_merge": True,
    "allow_squash_merge": True,
    "allow_update_branch": False,
    "delete_branch_on_merge": False,
    "merge_commit_message": "PR_TITLE",
    "merge_commit_title": "MERGE_MESSAGE",
    "squash_merge_commit_message": "COMMIT_MESSAGES",
    "squash_merge_commit_title": "COMMIT_OR_PR_TITLE",
    "use_squash_pr_title_as_default": False,
    "temp_clone_token": "",
}
"""What only who administers a repository is told."""


@TABLE.on("GET", _ROOT, "metadata:read")
def repository(call: Call) -> Answer:
    """Answer with a repository."""
    found = call.repository
    shape = people.repository(call.world, found, call.token.user if call.token else None)
    counts = {"network_count": 0, "subscribers_count": 0}
    may_administer = call.token is not None and found.permission(call.token.user.login) is Permission.ADMIN
    owner = {"organization": shape["owner"]} if found.owner.organization else {}
    return Answer(200, {**shape, **counts, **owner, **(_SETTINGS if may_administer else {})})


@TABLE.on("GET", f"{_ROOT}/collaborators/{{username}}/permission", "metadata:read")
def permission(call: Call) -> Answer:
    """Answer with what somebody may do; GitHub folds maintain into write and triage into read."""
    found = call.repository
    who = call.world.users.get(call.parts["username"].lower())
    if call.user and who is None:
        raise Refused(404, "Not Found")
    assert who
    held = found.permission(who.login)
    folded = {Permission.MAINTAIN: "write", Permission.TRIAGE: "read"}.get(held, held.value)
    shape = {**people.user(call.world, who), "permissions": people.rights(held), "role_name": held.value}
    return Answer(200, {"permission": folded, "user": shape, "role_name": held.value})


@TABLE.on("GET", f"{_ROOT}/branches", "contents:read")
def branches(call: Call) -> Answer:
    """Answer with the branches."""
    found = call.repository
    listed = sorted(git.branches(found.path).items())
    return call.paged([commits.branch(call.world, found, name, at, whole=False) for name, at in listed])


@TABLE.on("GET", f"{_ROOT}/branches/{{branch}}", "contents:read")
def branch(call: Call) -> Answer:
    """Answer with a branch."""
    name = call.parts["branch"]
    commit = git.tip(call.repository.path, name)
    if commit is None:
        raise Refused(404, "Branch not found")
    return Answer(200, commits.branch(call.world, call.repository, name, commit))


@TABLE.on("GET", f"{_ROOT}/git/ref/{{ref}}", "contents:read")
def reference(call: Call) -> Answer:
    """Answer with where a branch or tag stands."""
    found = call.repository
    ref = f"refs/{call.parts['ref']}"
    commit = git.asks(found.path, "rev-parse", "--verify", "--quiet", ref)
    if commit is None:
        raise Refused(404, "Not Found")
    root = f"{call.world.api}/repos/{found.full_name}/git"
    there = {"type": "commit", "sha": commit, "url": f"{root}/commits/{commit}"}
    return Answer(200, {"ref": ref, "node_id": "REF", "url": f"{root}/{ref}", "object": there})


@TABLE.on("GET", f"{_ROOT}/contents/{{path}}", "contents:read")
def contents(call: Call) -> Answer:
    """Answer with a file as it is in a commit."""
    found, path = call.repository, call.parts["path"]
    ref = call.request.query.get("ref", found.default_branch)
    commit = git.resolve(found.path, ref)
    if commit is None:
        raise Refused(404, f"No commit found for the ref {ref}")
    blob = git.asks(found.path, "rev-parse", "--verify", "--quiet", f"{commit}:{path}")
    if blob is None or git.text(found.path, "cat-file", "-t", blob) != "blob":
        raise Refused(404, "Not Found")
    data = git.run(found.path, "cat-file", "blob", blob)
    if "raw" in call.request.headers.get("accept", ""):
        return Answer(200, data, {"content-type": "application/vnd.github.raw+json; charset=utf-8"})
    return Answer(200, commits.content(call.world, found, path, ref, blob, data))


@TABLE.on("GET", "/user")
def myself(call: Call) -> Answer:
    """Answer with who asks; only a person is somebody."""
    if call.user and call.token and call.token.kind is not Kind.PERSONAL:
        raise Refused(403, "Resource not accessible by integration")
    who = call.user
    zeros = ("public_repos", "public_gists", "followers", "following")
    blank = ("name", "company", "location", "email", "hireable", "bio")
    dates = {"created_at": "2026-01-01T00:00:00Z", "updated_at": "2026-01-01T00:00:00Z"}
    rest = {**dict.fromkeys(zeros, 0), **dict.fromkeys(blank), "blog": "", **dates}
    return Answer(200, {**people.user(call.world, who), **rest})


@TABLE.on("GET", "/users/{username}")
def somebody(call: Call) -> Answer:
    """Answer with an account."""
    who = call.world.users.get(call.parts["username"].lower())
    if who is None:
        raise Refused(404, "Not Found")
    return Answer(200, people.user(call.world, who))


@TABLE.on("GET", "/rate_limit")
def limits(call: Call) -> Answer:
    """Answer with how much may still be asked; asking costs nothing."""
    rate = {"limit": 5000, "used": 1, "remaining": 4999, "reset": 2_000_000_000}
    return Answer(200, {"resources": {"core": rate, "search": rate}, "rate": rate})
