"""Tool: a map of the repository for a goal, within a number of tokens."""

from pydantic import Field

from agent.index.repo_map import repo_map
from agent.protocol.value import Value
from agent.tools.overlay import INDEX, Overlay
from agent.tools.report import Report
from agent.tools.search import search_of
from agent.tools.tool import Desk, Outcome


class RepoMapArguments(Value):
    """What the map is for."""

    goal: str = Field(
        default="", max_length=20_000, description="what you want to do; empty: what much depends on"
    )
    tokens: int = Field(default=1500, ge=100, le=4000)


class RepoMapTool:
    """Headers of what matters, from the index of the base."""

    name = "repo_map"
    description = "Show files and the headers of their definitions that matter for a goal, best files first."
    arguments = RepoMapArguments
    parallel = True

    def run(self, desk: Desk, arguments: RepoMapArguments) -> Outcome:
        """Return the map."""
        with INDEX:
            drawn = repo_map(search_of(desk), arguments.tokens, arguments.goal)
            stale = sorted(Overlay(desk).changed.intersection(drawn.files))
        report = Report(desk).show(drawn.text, "repository map")
        if stale:
            report.say("Changed since this map was drawn, `read` them:").show("\n".join(stale), "paths")
        return report.outcome()
