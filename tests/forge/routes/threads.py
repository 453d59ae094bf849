"""Issues, comments and reactions."""

from datetime import datetime

from tests.forge.exchange import Answer, Call, Refused, Table, may
from tests.forge.shapes import people, threads
from tests.forge.world import Comment, Reaction, Thread, stamp

TABLE = Table()
_ROOT = "/repos/{owner}/{repo}"
LONGEST = 65_536
"""Characters of a comment."""
CONTENTS = ("+1", "-1", "laugh", "confused", "heart", "hooray", "rocket", "eyes")


def text_of(call: Call, *, resource: str) -> str:
    """Return the body of what is written, which is neither empty nor too long."""
    body = call.body.get("body")
    if not isinstance(body, str) or not body.strip():
        raise Refused(
            422, "Validation Failed", {"resource": resource, "code": "missing_field", "field": "body"}
        )
    if len(body) > LONGEST:
        message = f"body is too long (maximum is {LONGEST} characters)"
        raise Refused(
            422,
            "Validation Failed",
            {"resource": resource, "code": "custom", "field": "body", "message": message},
        )
    return body


def since(call: Call, changed_at: str) -> bool:
    """Say whether something changed since the time that was asked for."""
    wanted = call.request.query.get("since")
    return not wanted or datetime.fromisoformat(changed_at) >= datetime.fromisoformat(wanted)


@TABLE.on("GET", f"{_ROOT}/issues/{{issue_number}}", "issues:read")
def issue(call: Call) -> Answer:
    """Answer with an issue."""
    return Answer(200, threads.issue(call.world, call.repository, call.thread("issue_number")))


@TABLE.on("GET", f"{_ROOT}/issues", "issues:read")
def issues(call: Call) -> Answer:
    """Answer with issues and pull requests, newest first."""
    query = call.request.query
    state, labels = query.get("state", "open"), [name for name in query.get("labels", "").split(",") if name]
    kept = [
        thread
        for thread in call.repository.threads.values()
        if state in ("all", thread.state)
        and since(call, thread.changed_at)
        and set(labels) <= set(thread.labels)
    ]
    found = ordered(call, kept)
    return call.paged([threads.issue(call.world, call.repository, thread) for thread in found])


def ordered(call: Call, found: list[Thread]) -> list[Thread]:
    """Return threads in the order that was asked for, newest first when none was."""
    updated = call.request.query.get("sort") == "updated"
    descending = call.request.query.get("direction", "desc") == "desc"
    return sorted(found, key=lambda t: (t.changed_at if updated else t.at, t.number), reverse=descending)


@TABLE.on("GET", f"{_ROOT}/issues/events", "issues:read")
def events(call: Call) -> Answer:
    """Answer with who labelled what, newest first."""
    found = call.repository
    root = f"{call.world.api}/repos/{found.full_name}/issues/events"
    return call.paged(
        [
            {
                "id": labeling.id,
                "node_id": f"LE_{labeling.id}",
                "url": f"{root}/{labeling.id}",
                "actor": people.user(call.world, labeling.actor),
                "event": "labeled",
                "commit_id": None,
                "commit_url": None,
                "created_at": labeling.at,
                "label": {"name": labeling.label, "color": "ededed"},
                "issue": threads.issue(call.world, found, labeling.thread),
                "performed_via_github_app": None,
            }
            for labeling in reversed(found.labelings)
        ]
    )


@TABLE.on("GET", f"{_ROOT}/issues/{{issue_number}}/comments", "issues:read")
def comments(call: Call) -> Answer:
    """Answer with the comments of a thread, oldest first."""
    thread = call.thread("issue_number")
    kept = [said for said in thread.comments if since(call, said.changed_at)]
    return call.paged([threads.comment(call.world, call.repository, thread, said) for said in kept])


@TABLE.on("POST", f"{_ROOT}/issues/{{issue_number}}/comments", "issues:write")
def create_comment(call: Call) -> Answer:
    """Comment."""
    thread = call.thread("issue_number")
    said = Comment(call.world.new_id(), call.user, text_of(call, resource="IssueComment"))
    thread.comments.append(said)
    thread.changed_at = said.at
    shape = threads.comment(call.world, call.repository, thread, said)
    call.events.tell("issue_comment", "created", call.repository, call.user, thread=thread, comment=said)
    return Answer(201, shape, {"Location": shape["url"]})


@TABLE.on("GET", f"{_ROOT}/issues/comments", "issues:read")
def all_comments(call: Call) -> Answer:
    """Answer with the comments of all threads."""
    found = call.repository
    kept = [pair for pair in found.all_comments() if since(call, pair[1].changed_at)]
    return call.paged(
        [threads.comment(call.world, found, thread, said) for thread, said in in_order(call, kept)]
    )


def in_order(call: Call, kept: list[tuple[Thread, Comment]]) -> list[tuple[Thread, Comment]]:
    """Return comments in the order that was asked for, by id when none was."""
    query = call.request.query
    if "sort" not in query:
        return sorted(kept, key=lambda pair: pair[1].id)
    by = "changed_at" if query["sort"] == "updated" else "at"
    descending = query.get("direction", "desc") == "desc"
    return sorted(kept, key=lambda pair: (getattr(pair[1], by), pair[1].id), reverse=descending)


def _comment(call: Call) -> tuple[Thread, Comment]:
    wanted = call.number("comment_id")
    for pair in call.repository.all_comments():
        if pair[1].id == wanted:
            return pair
    raise Refused(404, "Not Found")


@TABLE.on("GET", f"{_ROOT}/issues/comments/{{comment_id}}", "issues:read")
def comment(call: Call) -> Answer:
    """Answer with a comment."""
    return Answer(200, threads.comment(call.world, call.repository, *_comment(call)))


@TABLE.on("PATCH", f"{_ROOT}/issues/comments/{{comment_id}}", "issues:write")
def edit_comment(call: Call) -> Answer:
    """Change the text of a comment; others' are for who may push."""
    thread, said = _comment(call)
    if said.author is not call.user:
        call.forbid("edits what somebody else wrote")
        if not may(call.token, call.repository, "contents:write"):
            raise Refused(403, "Must have admin rights to Repository.")
    said.body, said.changed_at = text_of(call, resource="IssueComment"), stamp()
    call.events.tell("issue_comment", "edited", call.repository, call.user, thread=thread, comment=said)
    return Answer(200, threads.comment(call.world, call.repository, thread, said))


@TABLE.on("DELETE", f"{_ROOT}/issues/comments/{{comment_id}}", "issues:write")
def delete_comment(call: Call) -> Answer:
    """Remove a comment."""
    thread, said = _comment(call)
    call.forbid("removes a comment")
    thread.comments.remove(said)
    return Answer(204)


@TABLE.on("GET", f"{_ROOT}/issues/comments/{{comment_id}}/reactions", "issues:read")
def reactions(call: Call) -> Answer:
    """Answer with the reactions to a comment."""
    return call.paged([people.reaction(call.world, given) for given in _comment(call)[1].reactions])


@TABLE.on("POST", f"{_ROOT}/issues/comments/{{comment_id}}/reactions", "issues:write")
def react(call: Call) -> Answer:
    """React to a comment."""
    return given(call, _comment(call)[1].reactions)


@TABLE.on("POST", f"{_ROOT}/issues/{{issue_number}}/reactions", "issues:write")
def react_to_thread(call: Call) -> Answer:
    """React to an issue or pull request."""
    return given(call, call.thread("issue_number").reactions)


def given(call: Call, reactions: list[Reaction]) -> Answer:
    """Add a reaction, 201; the same by the same account again changes nothing, 200."""
    content = call.body.get("content")
    if content not in CONTENTS:
        raise Refused(
            422, "Validation Failed", {"resource": "Reaction", "code": "invalid", "field": "content"}
        )
    for kept in reactions:
        if kept.user is call.user and kept.content == content:
            return Answer(200, people.reaction(call.world, kept))
    made = Reaction(call.world.new_id(), call.user, content)
    reactions.append(made)
    return Answer(201, people.reaction(call.world, made))
