"""Accounts, repositories and labels as GitHub writes them."""

from typing import Any
from urllib.parse import quote

from agent.protocol.forge import Permission
from tests.forge.world import Hosted, Reaction, User, World

Shape = dict[str, Any]
_URLS = (
    "followers",
    "following",
    "gists",
    "starred",
    "subscriptions",
    "organizations",
    "repos",
    "events",
    "received_events",
)
_REPOSITORY_URLS = (
    "archive",
    "assignees",
    "blobs",
    "branches",
    "collaborators",
    "comments",
    "commits",
    "compare",
    "contents",
    "contributors",
    "deployments",
    "downloads",
    "events",
    "forks",
    "git_commits",
    "git_refs",
    "git_tags",
    "hooks",
    "issue_comment",
    "issue_events",
    "issues",
    "keys",
    "labels",
    "languages",
    "merges",
    "milestones",
    "notifications",
    "pulls",
    "releases",
    "stargazers",
    "statuses",
    "subscribers",
    "subscription",
    "tags",
    "teams",
    "trees",
)


def user(world: World, who: User) -> Shape:
    """Return a simple user."""
    address = quote(who.login)
    url = f"{world.api}/users/{address}"
    return {
        "login": who.login,
        "id": who.id,
        "node_id": f"U_{who.id}",
        "avatar_url": f"{world.web}/avatars/{who.id}",
        "gravatar_id": "",
        "url": url,
        "html_url": f"{world.web}/{address}",
        **{f"{name}_url": f"{url}/{name}" for name in _URLS},
        "type": "Bot" if who.bot else "Organization" if who.organization else "User",
        "user_view_type": "public",
        "site_admin": False,
    }


def organization(world: World, who: User) -> Shape:
    """Return an organization as deliveries have it."""
    url = f"{world.api}/orgs/{who.login}"
    urls = {name: f"{url}/{name.removesuffix('_url')}" for name in ("repos_url", "events_url", "hooks_url")}
    members = {
        "members_url": f"{url}/members{{/member}}",
        "public_members_url": f"{url}/public_members{{/member}}",
    }
    named = {"login": who.login, "id": who.id, "node_id": f"O_{who.id}", "url": url, **urls}
    return {**named, "issues_url": f"{url}/issues", **members, "avatar_url": world.web, "description": None}


def rights(permission: Permission) -> dict[str, bool]:
    """Return the old-fashioned rights that come with a permission."""
    order = [Permission.READ, Permission.TRIAGE, Permission.WRITE, Permission.MAINTAIN, Permission.ADMIN]
    names = ("pull", "triage", "push", "maintain", "admin")
    held = order.index(permission) if permission in order else -1
    return {name: index <= held for index, name in enumerate(names)}


def repository(world: World, found: Hosted, viewer: User | None = None) -> Shape:
    """Return a repository."""
    url = f"{world.api}/repos/{found.full_name}"
    web = f"{world.web}/{found.full_name}"
    shape: Shape = {
        "id": found.id,
        "node_id": f"R_{found.id}",
        "name": found.name,
        "full_name": found.full_name,
        "private": found.private,
        "owner": user(world, found.owner),
        "html_url": web,
        "description": None,
        "fork": found.fork_of is not None,
        "url": url,
        **{f"{name}_url": f"{url}/{name}" for name in _REPOSITORY_URLS},
        "git_url": f"{web}.git",
        "ssh_url": f"{web}.git",
        "clone_url": f"{web}.git",
        "svn_url": web,
        "homepage": None,
        "language": None,
        "forks_count": 0,
        "forks": 0,
        "stargazers_count": 0,
        "watchers_count": 0,
        "watchers": 0,
        "size": 1,
        "default_branch": found.default_branch,
        "open_issues_count": sum(thread.state == "open" for thread in found.threads.values()),
        "open_issues": sum(thread.state == "open" for thread in found.threads.values()),
        "is_template": False,
        "topics": [],
        "has_issues": True,
        "has_projects": True,
        "has_wiki": True,
        "has_pages": False,
        "has_downloads": True,
        "has_discussions": False,
        "archived": False,
        "disabled": False,
        "visibility": "private" if found.private else "public",
        "pushed_at": found.at,
        "created_at": found.at,
        "updated_at": found.at,
        "license": None,
        "mirror_url": None,
        "allow_forking": True,
        "web_commit_signoff_required": False,
        "custom_properties": {},
    }
    if viewer:
        shape["permissions"] = rights(found.permission(viewer.login))
    return shape


def label(world: World, found: Hosted, name: str) -> Shape:
    """Return a label of a repository."""
    number = found.labels.setdefault(name, world.new_id())
    return {
        "id": number,
        "node_id": f"LA_{number}",
        "url": f"{world.api}/repos/{found.full_name}/labels/{quote(name)}",
        "name": name,
        "color": "ededed",
        "default": False,
        "description": None,
    }


def reaction(world: World, given: Reaction) -> Shape:
    """Return a reaction."""
    return {
        "id": given.id,
        "node_id": f"REA_{given.id}",
        "user": user(world, given.user),
        "content": given.content,
        "created_at": given.at,
    }


def rollup(url: str, given: list[Reaction]) -> Shape:
    """Return how many reactions of each kind there are."""
    names = ("+1", "-1", "laugh", "confused", "heart", "hooray", "eyes", "rocket")
    counts = {name: sum(item.content == name for item in given) for name in names}
    return {"url": f"{url}/reactions", "total_count": len(given), **counts}
