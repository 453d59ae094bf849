"""Issues, pull requests, comments and reviews as GitHub writes them."""

from typing import Any

from tests.forge.shapes.people import Shape, label, repository, rollup, user
from tests.forge.world import Comment, Hosted, Review, Thread, User, World


def association(found: Hosted, who: User) -> str:
    """Return what somebody is to a repository; it gives nobody a right."""
    if who.login.lower() == found.owner.login.lower():
        return "OWNER"
    return "COLLABORATOR" if who.login in found.granted else "NONE"


def _times(thread: Thread) -> Shape:
    closed = thread.changed_at if thread.state == "closed" else None
    return {"created_at": thread.at, "updated_at": thread.changed_at, "closed_at": closed}


def issue(world: World, found: Hosted, thread: Thread) -> Shape:
    """Return an issue, or what a pull request has of one."""
    kind = "pull" if thread.pull else "issues"
    root = f"{world.api}/repos/{found.full_name}"
    url = f"{root}/issues/{thread.number}"
    web = f"{world.web}/{found.full_name}/{kind}/{thread.number}"
    shape: Shape = {
        "url": url,
        "repository_url": root,
        "labels_url": f"{url}/labels{{/name}}",
        "comments_url": f"{url}/comments",
        "events_url": f"{url}/events",
        "html_url": web,
        "id": thread.id,
        "node_id": f"I_{thread.id}",
        "number": thread.number,
        "title": thread.title,
        "user": user(world, thread.author),
        "labels": [label(world, found, name) for name in thread.labels],
        "state": thread.state,
        "state_reason": None,
        "locked": False,
        "assignee": None,
        "assignees": [],
        "milestone": None,
        "comments": len(thread.comments),
        **_times(thread),
        "author_association": association(found, thread.author),
        "active_lock_reason": None,
        "body": thread.body or None,
        "reactions": rollup(url, thread.reactions),
        "timeline_url": f"{url}/timeline",
        "draft": thread.pull is not None and thread.pull.draft,
        "performed_via_github_app": None,
    }
    if thread.pull:
        api = f"{root}/pulls/{thread.number}"
        addresses = {"url": api, "html_url": web, "diff_url": f"{web}.diff", "patch_url": f"{web}.patch"}
        shape["pull_request"] = {**addresses, "merged_at": None}
    return shape


def _side(world: World, where: Hosted | None, branch: str, commit: str, owner: User) -> Shape:
    return {
        "label": f"{owner.login}:{branch}",
        "ref": branch,
        "sha": commit,
        "user": user(world, owner),
        "repo": repository(world, where) if where else None,
    }


def pull(world: World, found: Hosted, thread: Thread, *, whole: bool = True) -> Shape:
    """Return a pull request; lists have less of it."""
    kept = thread.pull
    assert kept
    root = f"{world.api}/repos/{found.full_name}"
    url = f"{root}/pulls/{thread.number}"
    web = f"{world.web}/{found.full_name}/pull/{thread.number}"
    links = {
        "self": url,
        "html": web,
        "issue": f"{root}/issues/{thread.number}",
        "comments": f"{root}/issues/{thread.number}/comments",
        "review_comments": f"{url}/comments",
        "review_comment": f"{root}/pulls/comments{{/number}}",
        "commits": f"{url}/commits",
        "statuses": f"{root}/statuses/{kept.head_commit}",
    }
    origin = kept.head.owner if kept.head else thread.author
    shape: Shape = {
        "url": url,
        "id": thread.id,
        "node_id": f"PR_{thread.id}",
        "html_url": web,
        "diff_url": f"{web}.diff",
        "patch_url": f"{web}.patch",
        "issue_url": links["issue"],
        "number": thread.number,
        "state": thread.state,
        "locked": False,
        "title": thread.title,
        "user": user(world, thread.author),
        "body": thread.body or None,
        **_times(thread),
        "merged_at": thread.changed_at if kept.merged else None,
        "merge_commit_sha": None,
        "assignee": None,
        "assignees": [],
        "requested_reviewers": [],
        "requested_teams": [],
        "labels": [label(world, found, name) for name in thread.labels],
        "milestone": None,
        "draft": kept.draft,
        "commits_url": links["commits"],
        "review_comments_url": links["review_comments"],
        "review_comment_url": links["review_comment"],
        "comments_url": links["comments"],
        "statuses_url": links["statuses"],
        "head": _side(world, kept.head, kept.head_branch, kept.head_commit, origin),
        "base": _side(world, found, kept.base_branch, kept.base_commit, found.owner),
        "_links": {name: {"href": address} for name, address in links.items()},
        "author_association": association(found, thread.author),
        "auto_merge": None,
        "active_lock_reason": None,
    }
    return shape | (_only_alone(thread) if whole else {})


def _only_alone(thread: Thread) -> Shape:
    assert thread.pull
    counts = {
        "comments": len(thread.comments),
        "review_comments": len(thread.pull.line_comments),
        "commits": 1,
        "additions": 1,
        "deletions": 1,
        "changed_files": 1,
    }
    known: dict[str, Any] = {
        "merged": thread.pull.merged,
        "mergeable": None,
        "rebaseable": None,
        "mergeable_state": "unknown",
        "merged_by": None,
        "maintainer_can_modify": False,
    }
    return {**known, **counts}


def comment(world: World, found: Hosted, thread: Thread, said: Comment) -> Shape:
    """Return a comment of a thread."""
    url = f"{world.api}/repos/{found.full_name}/issues/comments/{said.id}"
    kind = "pull" if thread.pull else "issues"
    return {
        "url": url,
        "html_url": f"{world.web}/{found.full_name}/{kind}/{thread.number}#issuecomment-{said.id}",
        "issue_url": f"{world.api}/repos/{found.full_name}/issues/{thread.number}",
        "id": said.id,
        "node_id": f"IC_{said.id}",
        "user": user(world, said.author),
        "created_at": said.at,
        "updated_at": said.changed_at,
        "author_association": association(found, said.author),
        "body": said.body,
        "reactions": rollup(url, said.reactions),
        "performed_via_github_app": None,
    }


def line_comment(world: World, found: Hosted, thread: Thread, said: Comment) -> Shape:
    """Return a comment on a line."""
    root = f"{world.api}/repos/{found.full_name}/pulls"
    url = f"{root}/comments/{said.id}"
    web = f"{world.web}/{found.full_name}/pull/{thread.number}#discussion_r{said.id}"
    pull_url = f"{root}/{thread.number}"
    links = {"self": url, "html": web, "pull_request": pull_url}
    shape: Shape = {
        "url": url,
        "pull_request_review_id": said.review,
        "id": said.id,
        "node_id": f"PRRC_{said.id}",
        "diff_hunk": said.hunk,
        "path": said.path,
        "commit_id": said.commit,
        "original_commit_id": said.commit,
        "user": user(world, said.author),
        "body": said.body,
        "created_at": said.at,
        "updated_at": said.changed_at,
        "html_url": web,
        "pull_request_url": pull_url,
        "author_association": association(found, said.author),
        "_links": {name: {"href": address} for name, address in links.items()},
        "reactions": rollup(url, said.reactions),
        "start_line": said.start_line,
        "original_start_line": said.start_line,
        "start_side": said.side if said.start_line else None,
        "line": said.line,
        "original_line": said.line,
        "side": said.side,
        "original_position": 1,
        "position": 1,
        "subject_type": "line",
    }
    return shape | ({"in_reply_to_id": said.reply_to} if said.reply_to else {})


def review(world: World, found: Hosted, thread: Thread, given: Review) -> Shape:
    """Return a review."""
    api = f"{world.api}/repos/{found.full_name}/pulls/{thread.number}"
    web = f"{world.web}/{found.full_name}/pull/{thread.number}#pullrequestreview-{given.id}"
    return {
        "id": given.id,
        "node_id": f"PRR_{given.id}",
        "user": user(world, given.author),
        "body": given.body,
        "state": given.state,
        "html_url": web,
        "pull_request_url": api,
        "author_association": association(found, given.author),
        "_links": {"html": {"href": web}, "pull_request": {"href": api}},
        "submitted_at": given.at,
        "commit_id": given.commit,
    }
