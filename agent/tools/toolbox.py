"""Which tools a desk has, and the schema of each."""

from functools import cache
from typing import Any, cast

from agent.protocol.value import Value
from agent.tools.diagnostics import DiagnosticsTool
from agent.tools.edit import EditTool
from agent.tools.finding import FindingTool
from agent.tools.plan import PlanTool
from agent.tools.prove import ProveTool
from agent.tools.read import ReadTool
from agent.tools.references import ReferencesTool
from agent.tools.repo_map import RepoMapTool
from agent.tools.run import RunTool
from agent.tools.search import SearchTool
from agent.tools.symbols import SymbolsTool
from agent.tools.tool import AnyTool, Desk, Tools
from agent.tools.verify import VerifyTool

_READING = (SearchTool, SymbolsTool, ReferencesTool, ReadTool, RepoMapTool, PlanTool)
_RUNNING = (RunTool, VerifyTool, DiagnosticsTool)


def toolbox(desk: Desk) -> Tools:
    """Return the tools of a task: who may write, edits; who may run code, runs it; a review only proves."""
    kinds: list[type] = [*_READING]
    if desk.writable:
        kinds += [EditTool, *(_RUNNING if desk.bench is not None else ())]
    elif desk.reviewing:
        kinds += [FindingTool, *((ProveTool,) if desk.bench is not None else ())]
    return tuple(cast(AnyTool, kind()) for kind in kinds)


@cache
def parameters(arguments: type[Value]) -> dict[str, Any]:
    """Return the JSON schema of a tool's arguments; do not change it."""
    schema = arguments.model_json_schema()
    return {key: part for key, part in schema.items() if key not in ("title", "description")}
