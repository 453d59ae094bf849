"""Reviews of pull requests: comments stand on lines of the diff, and nobody approves what is his own."""

from collections.abc import Mapping
from typing import Any

from tests.forge import git
from tests.forge.exchange import Answer, Call, Refused, Table
from tests.forge.lines import Shown, shown
from tests.forge.routes.threads import LONGEST
from tests.forge.shapes import threads
from tests.forge.world import Comment, Hosted, Review, Thread

TABLE = Table()
_PATH = "/repos/{owner}/{repo}/pulls/{pull_number}/reviews"
_STATES = {
    "APPROVE": "APPROVED",
    "REQUEST_CHANGES": "CHANGES_REQUESTED",
    "COMMENT": "COMMENTED",
    None: "PENDING",
}


@TABLE.on("GET", _PATH, "pull_requests:read")
def reviews(call: Call) -> Answer:
    """Answer with the reviews of a pull request, oldest first; a pending one is its author's."""
    found, thread = call.repository, call.thread("pull_number", pull=True)
    assert thread.pull
    mine = call.token.user if call.token else None
    kept = [r for r in thread.pull.reviews if r.state != "PENDING" or r.author is mine]
    return call.paged([threads.review(call.world, found, thread, given) for given in kept])


@TABLE.on("POST", _PATH, "pull_requests:write")
def create_review(call: Call) -> Answer:
    """Review a pull request."""
    found, thread, body = call.repository, call.thread("pull_number", pull=True), call.body
    assert thread.pull
    event, text = body.get("event"), body.get("body") or ""
    if event == "APPROVE":
        call.forbid("approves")
    if event not in _STATES:
        raise _unprocessable("event is not included in the list")
    if thread.author is call.user and event in ("APPROVE", "REQUEST_CHANGES"):
        verb = "approve" if event == "APPROVE" else "request changes on"
        raise _unprocessable(f"Can not {verb} your own pull request")
    if event != "APPROVE" and event and not text and not body.get("comments"):
        raise _unprocessable("Body can't be blank")
    if len(text) > LONGEST:
        raise _unprocessable(f"Body is too long (maximum is {LONGEST} characters)")
    commit = body.get("commit_id") or thread.pull.head_commit
    _check_commit(found, thread, commit)
    made = Review(call.world.new_id(), call.user, text, _STATES[event], commit)
    made.comments = _comments(call, found, thread, made, body.get("comments") or [])
    thread.pull.reviews.append(made)
    thread.pull.line_comments += made.comments
    call.events.tell("pull_request_review", "submitted", found, call.user, thread=thread, review=made)
    for said in made.comments:
        call.events.tell(
            "pull_request_review_comment", "created", found, call.user, thread=thread, comment=said
        )
    return Answer(200, threads.review(call.world, found, thread, made))


@TABLE.on("GET", f"{_PATH}/{{review_id}}", "pull_requests:read")
def review(call: Call) -> Answer:
    """Answer with a review."""
    thread = call.thread("pull_number", pull=True)
    return Answer(200, threads.review(call.world, call.repository, thread, _review(call, thread)))


@TABLE.on("GET", f"{_PATH}/{{review_id}}/comments", "pull_requests:read")
def review_comments(call: Call) -> Answer:
    """Answer with the comments of a review."""
    found, thread = call.repository, call.thread("pull_number", pull=True)
    kept = _review(call, thread).comments
    # This list alone has no lines, as on GitHub.
    lines = (
        "line",
        "original_line",
        "start_line",
        "original_start_line",
        "side",
        "start_side",
        "subject_type",
    )
    shapes = [threads.line_comment(call.world, found, thread, said) for said in kept]
    return call.paged([{name: item for name, item in shape.items() if name not in lines} for shape in shapes])


def _review(call: Call, thread: Thread) -> Review:
    assert thread.pull
    for made in thread.pull.reviews:
        if made.id == call.number("review_id"):
            return made
    raise Refused(404, "Not Found")


def _unprocessable(*errors: Any) -> Refused:
    return Refused(422, "Unprocessable Entity", *errors)


def _check_commit(found: Hosted, thread: Thread, commit: str) -> None:
    assert thread.pull
    if git.asks(found.path, "merge-base", "--is-ancestor", commit, thread.pull.head_commit) is None:
        raise _unprocessable("Commit is not part of the pull request")


def _comments(
    call: Call, found: Hosted, thread: Thread, made: Review, wanted: list[dict[str, Any]]
) -> list[Comment]:
    assert thread.pull
    files = shown(git.diff(found.path, thread.pull.base_commit, made.commit)) if wanted else {}
    return [_comment(call, made, files, item) for item in wanted]


def _comment(call: Call, made: Review, files: Mapping[str, Shown], item: dict[str, Any]) -> Comment:
    there = files.get(item["path"])
    if there is None:
        raise _unprocessable("Path could not be resolved")
    side, line, start = item.get("side", "RIGHT"), item.get("line", 0), item.get("start_line")
    hunks = there.side(side)
    hunk = hunks.get(line)
    if hunk is None:
        raise _unprocessable("Line could not be resolved")
    if start is not None:
        begins = there.side(item.get("start_side", side)).get(start)
        if begins is None:
            raise _unprocessable("Start line could not be resolved")
        if start >= line or begins != hunk:
            raise _unprocessable("Start line must precede the end line in the same hunk")
    if not item["body"].strip() or len(item["body"]) > LONGEST:
        raise _unprocessable("Body can't be blank or too long")
    said = Comment(
        call.world.new_id(), call.user, item["body"], path=item["path"], line=line, start_line=start
    )
    said.side, said.commit, said.review, said.hunk = side, made.commit, made.id, there.hunks[hunk]
    return said
