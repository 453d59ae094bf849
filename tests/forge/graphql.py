"""The little of GitHub's GraphQL that is asked for, in a schema that refuses whatever is not in it."""

from typing import Any

from graphql import GraphQLError, GraphQLResolveInfo, build_schema, graphql_sync

from tests.forge.exchange import Answer, Refused, Request, may, sees
from tests.forge.tokens import Kind, Token
from tests.forge.world import Thread, World

_RENAMED = "RENAMED_TITLE_EVENT"
_SCHEMA = build_schema(
    """
    scalar DateTime
    enum IssueTimelineItemsItemType { LABELED_EVENT RENAMED_TITLE_EVENT }
    type Query { repository(owner: String!, name: String!): Repository }
    type Repository { issue(number: Int!): Issue }
    type Issue {
      lastEditedAt: DateTime
      timelineItems(last: Int, itemTypes: [IssueTimelineItemsItemType!]): IssueTimelineItemsConnection!
    }
    type IssueTimelineItemsConnection { nodes: [IssueTimelineItems] }
    union IssueTimelineItems = LabeledEvent | RenamedTitleEvent
    type LabeledEvent { createdAt: DateTime! }
    type RenamedTitleEvent { createdAt: DateTime! }
    """
)


class _No(GraphQLError):
    """What GitHub answers with a type of its own."""

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(message)
        self.kind = kind


class _Issue:
    def __init__(self, thread: Thread) -> None:
        self._thread = thread
        self.lastEditedAt = thread.text_at

    def timelineItems(self, _: GraphQLResolveInfo, **asked: Any) -> dict[str, Any]:
        """Return when it got other titles; nothing else that happened to it is kept."""
        kinds = asked.get("itemTypes", (_RENAMED,))
        times = self._thread.titles_at if _RENAMED in kinds else []
        last = times[max(0, len(times) - asked["last"]) :] if "last" in asked else times
        return {"nodes": [{"__typename": "RenamedTitleEvent", "createdAt": at} for at in last]}


class _Repository:
    def __init__(self, threads: dict[int, Thread]) -> None:
        self._threads = threads

    def issue(self, _: GraphQLResolveInfo, number: int) -> _Issue:
        """Return an issue."""
        found = self._threads.get(number)
        if found is None or found.pull is not None:
            raise _No("NOT_FOUND", f"Could not resolve to an Issue with the number of {number}.")
        return _Issue(found)


class _Root:
    def __init__(self, world: World, token: Token) -> None:
        self._world = world
        self._token = token

    def repository(self, _: GraphQLResolveInfo, owner: str, name: str) -> _Repository:
        """Return a repository, also by the name that it had before."""
        full = f"{owner}/{name}"
        found = self._world.repository(full) or self._world.renamed.get(full.lower())
        if found is None or not sees(self._token, found):
            raise _No("NOT_FOUND", f"Could not resolve to a Repository with the name '{full}'.")
        if not may(self._token, found, "issues:read"):
            raise _No("FORBIDDEN", "Resource not accessible by integration")
        return _Repository(found.threads)


def answered(world: World, violations: list[str], request: Request, token: Token | None) -> Answer:
    """Return the answer to a query; one that does not fit the schema is a violation."""
    if token is None or token.kind is Kind.APP:
        return Refused(401, "This endpoint requires you to be authenticated.").answer()
    said = request.body if isinstance(request.body, dict) else {}
    query, variables = said.get("query", ""), said.get("variables")
    found = graphql_sync(_SCHEMA, query, _Root(world, token), variable_values=variables)
    errors = [_worded(error) for error in found.errors or ()]
    violations += [f"graphql: {error['message']}" for error in errors if "type" not in error]
    return Answer(200, {"data": found.data, **({"errors": errors} if errors else {})})


def _worded(error: GraphQLError) -> dict[str, Any]:
    own = error if isinstance(error, _No) else error.original_error
    return {**error.formatted, **({"type": own.kind} if isinstance(own, _No) else {})}
