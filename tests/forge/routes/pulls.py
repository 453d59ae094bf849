"""Pull requests and the comments on their lines."""

from tests.forge import git
from tests.forge.exchange import Answer, Call, Refused, Table
from tests.forge.routes.threads import given, in_order, ordered, since, text_of
from tests.forge.shapes import people, threads
from tests.forge.world import Comment, Hosted, Pull, Thread, stamp

TABLE = Table()
_ROOT = "/repos/{owner}/{repo}"


def invalid(field: str, code: str = "invalid", message: str = "", resource: str = "PullRequest") -> Refused:
    """Return a refusal as GitHub words it."""
    error = {"resource": resource, "field": field, "code": code}
    return Refused(422, "Validation Failed", {**error, "message": message} if message else error)


@TABLE.on("GET", f"{_ROOT}/pulls/{{pull_number}}", "pull_requests:read")
def pull(call: Call) -> Answer:
    """Answer with a pull request, or with its diff."""
    found, thread = call.repository, call.thread("pull_number", pull=True)
    assert thread.pull
    accept = call.request.headers.get("accept", "")
    if "diff" in accept or "patch" in accept:
        text = git.run(found.path, "diff", f"{thread.pull.base_commit}...{thread.pull.head_commit}")
        return Answer(200, text, {"content-type": "application/vnd.github.diff; charset=utf-8"})
    return Answer(200, threads.pull(call.world, found, thread))


@TABLE.on("GET", f"{_ROOT}/pulls", "pull_requests:read")
def pulls(call: Call) -> Answer:
    """Answer with pull requests, newest first."""
    found, query = call.repository, call.request.query
    state = query.get("state", "open")
    kept = [t for t in found.threads.values() if t.pull and state in ("all", t.state) and _fits(call, t)]
    return call.paged([threads.pull(call.world, found, t, whole=False) for t in ordered(call, kept)])


def _fits(call: Call, thread: Thread) -> bool:
    kept, query = thread.pull, call.request.query
    assert kept
    owner, colon, branch = query.get("head", "").partition(":")
    # A head without an owner filters nothing, as on GitHub.
    from_head = not colon or (
        kept.head is not None and (kept.head.owner.login.lower(), kept.head_branch) == (owner.lower(), branch)
    )
    return from_head and query.get("base", kept.base_branch) == kept.base_branch


@TABLE.on("POST", f"{_ROOT}/pulls", "pull_requests:write")
def create_pull(call: Call) -> Answer:
    """Open a pull request."""
    found, body = call.repository, call.body
    if body.get("draft") and not found.drafts:
        raise Refused(422, "Draft pull requests are not supported in this repository.")
    owner, colon, branch = body["head"].rpartition(":")
    head = found if not colon or owner.lower() == found.owner.login.lower() else _fork(call, owner)
    thread = open_pull(call, found, head, branch, body)
    shape = threads.pull(call.world, found, thread)
    call.events.tell("pull_request", "opened", found, call.user, thread=thread)
    return Answer(201, shape, {"Location": shape["url"]})


def _fork(call: Call, owner: str) -> Hosted:
    for candidate in call.world.repositories.values():
        if candidate.fork_of is call.repository and candidate.owner.login.lower() == owner.lower():
            return candidate
    raise invalid("head")


def open_pull(call: Call, found: Hosted, head: Hosted, branch: str, body: dict[str, object]) -> Thread:
    """Add a pull request, if there is anything to pull."""
    base = str(body["base"])
    stands, onto = git.tip(head.path, branch), git.tip(found.path, base)
    if onto is None:
        raise invalid("base")
    if stands is None:
        raise invalid("head")
    for other in found.threads.values():
        kept = other.pull
        if (
            kept
            and other.state == "open"
            and (kept.head, kept.head_branch, kept.base_branch) == (head, branch, base)
        ):
            message = f"A pull request already exists for {head.owner.login}:{branch}."
            raise Refused(
                422, "Validation Failed", {"resource": "PullRequest", "code": "custom", "message": message}
            )
    git.take(found.path, head.path, stands, "refs/forge/asked")
    if not git.ahead(found.path, onto, stands):
        message = f"No commits between {base} and {branch}"
        raise Refused(
            422, "Validation Failed", {"resource": "PullRequest", "code": "custom", "message": message}
        )
    made = Pull(head, branch, base, stands, onto, draft=bool(body.get("draft")))
    number = found.next_number()
    thread = Thread(
        call.world.new_id(),
        number,
        str(body.get("title", branch)),
        str(body.get("body") or ""),
        call.user,
        pull=made,
    )
    found.threads[number] = thread
    found.set_head(thread, stands)
    return thread


@TABLE.on("PATCH", f"{_ROOT}/pulls/{{pull_number}}", "pull_requests:write")
def edit_pull(call: Call) -> Answer:
    """Change title, text or state of a pull request."""
    thread = call.thread("pull_number", pull=True)
    if thread.author is not call.user:
        call.forbid("edits what somebody else wrote")
    for name in ("title", "body", "state"):
        if name in call.body:
            setattr(thread, name, call.body[name] or "")
    thread.changed_at = stamp()
    return Answer(200, threads.pull(call.world, call.repository, thread))


@TABLE.on("GET", f"{_ROOT}/pulls/{{pull_number}}/files", "pull_requests:read")
def files(call: Call) -> Answer:
    """Answer with the files that a pull request changes."""
    found, thread = call.repository, call.thread("pull_number", pull=True)
    assert thread.pull
    between = f"{thread.pull.base_commit}...{thread.pull.head_commit}"
    listed = git.text(found.path, "diff", "--numstat", "-z", "--no-renames", between).split("\0")
    words = {"A": "added", "D": "removed"}
    states = git.text(found.path, "diff", "--name-status", "-z", "--no-renames", between).split("\0")
    kinds = dict(zip(states[1::2], states[::2], strict=False))
    shapes = []
    for line in filter(None, listed):
        added, removed, path = line.split("\t", 2)
        counts = [int(n) if n.isdigit() else 0 for n in (added, removed)]
        url = f"{call.world.web}/{found.full_name}/blob/{thread.pull.head_commit}/{path}"
        shapes.append(
            {
                "sha": None,
                "filename": path,
                "status": words.get(kinds.get(path, "M"), "modified"),
                "additions": counts[0],
                "deletions": counts[1],
                "changes": sum(counts),
                "blob_url": url,
                "raw_url": url,
                "contents_url": f"{call.world.api}/repos/{found.full_name}/contents/{path}",
            }
        )
    return call.paged(shapes)


@TABLE.on("GET", f"{_ROOT}/pulls/{{pull_number}}/comments", "pull_requests:read")
def line_comments(call: Call) -> Answer:
    """Answer with the comments on lines of a pull request."""
    found, thread = call.repository, call.thread("pull_number", pull=True)
    assert thread.pull
    kept = [said for said in thread.pull.line_comments if since(call, said.changed_at)]
    return call.paged([threads.line_comment(call.world, found, thread, said) for said in kept])


@TABLE.on("GET", f"{_ROOT}/pulls/comments", "pull_requests:read")
def all_line_comments(call: Call) -> Answer:
    """Answer with the comments on lines of all pull requests."""
    found = call.repository
    kept = [pair for pair in found.line_comments() if since(call, pair[1].changed_at)]
    return call.paged([threads.line_comment(call.world, found, t, said) for t, said in in_order(call, kept)])


def _comment(call: Call) -> tuple[Thread, Comment]:
    wanted = call.number("comment_id")
    for pair in call.repository.line_comments():
        if pair[1].id == wanted:
            return pair
    raise Refused(404, "Not Found")


@TABLE.on("GET", f"{_ROOT}/pulls/comments/{{comment_id}}", "pull_requests:read")
def line_comment(call: Call) -> Answer:
    """Answer with a comment on a line."""
    return Answer(200, threads.line_comment(call.world, call.repository, *_comment(call)))


@TABLE.on("POST", f"{_ROOT}/pulls/{{pull_number}}/comments/{{comment_id}}/replies", "pull_requests:write")
def reply(call: Call) -> Answer:
    """Answer a comment on a line."""
    thread, first = _comment(call)
    assert thread.pull
    body = text_of(call, resource="PullRequestReviewComment")
    said = Comment(
        call.world.new_id(), call.user, body, path=first.path, line=first.line, commit=first.commit
    )
    said.reply_to, said.hunk, said.side = first.id, first.hunk, first.side
    thread.pull.line_comments.append(said)
    call.events.tell(
        "pull_request_review_comment", "created", call.repository, call.user, thread=thread, comment=said
    )
    return Answer(201, threads.line_comment(call.world, call.repository, thread, said))


@TABLE.on("GET", f"{_ROOT}/pulls/comments/{{comment_id}}/reactions", "pull_requests:read")
def reactions(call: Call) -> Answer:
    """Answer with the reactions to a comment on a line."""
    return call.paged([people.reaction(call.world, item) for item in _comment(call)[1].reactions])


@TABLE.on("POST", f"{_ROOT}/pulls/comments/{{comment_id}}/reactions", "pull_requests:write")
def react(call: Call) -> Answer:
    """React to a comment on a line."""
    return given(call, _comment(call)[1].reactions)
