"""The code index of a repository on this machine; what asks it may submit tasks on any repository, too."""

from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import Response
from pydantic import Field
from pydantic.json_schema import SkipJsonSchema

from agent.daemon.asking import Submitter, TheDaemon, json_response, strict
from agent.daemon.problems import documented
from agent.protocol.errors import RepositoryError
from agent.protocol.index import (
    ImpactRequest,
    IndexCallers,
    IndexHits,
    IndexImpact,
    IndexMap,
    IndexReferences,
    IndexStatus,
    IndexSymbols,
    MapRequest,
    SearchRequest,
)

if TYPE_CHECKING:
    from agent.daemon.indexes import Indexes
    from agent.daemon.open_index import OpenIndex

router = APIRouter(prefix="/v1/index", tags=["index"], responses=documented(404))
_LONGEST = 4096
_Repository = Annotated[
    str, Field(pattern="^/", max_length=_LONGEST), Query(description="A directory on the daemon's machine")
]
_Text = Annotated[str, Field(max_length=_LONGEST)]
_Revision = Annotated[_Text | SkipJsonSchema[None], Query(description="Without one: the working tree")]
_Limit = Annotated[int, Query(ge=1, le=1000)]
_Name = Annotated[_Text, Field(min_length=1), Query(description="`name`, or `Class.name`")]
_Target = Annotated[
    _Text | SkipJsonSchema[None], Query(description="A file, a folder or a name; without one: everything")
]
_Part = Annotated[
    _Text | SkipJsonSchema[None], Query(description="Instead of a target: a text that names of code hold")
]
_Age = Annotated[
    float, Query(ge=0, le=86400, description="Seconds for which an answer about the working tree may be late")
]
_Search = Annotated[SearchRequest, strict(SearchRequest)]
_Map = Annotated[MapRequest, strict(MapRequest)]
_Impact = Annotated[ImpactRequest, strict(ImpactRequest)]


async def the_indexes(request: Request, daemon: TheDaemon) -> "Indexes":
    """Return the indexes that the daemon has open."""
    # The index brings all its grammars with it: a daemon that nobody asks for it does without.
    from agent.daemon.indexes import Indexes  # noqa: PLC0415

    state = request.app.state
    if not hasattr(state, "indexes"):
        state.indexes = Indexes(daemon.settings.state, daemon.stopping.is_set)
    found: Indexes = state.indexes
    return found


TheIndexes = Annotated["Indexes", Depends(the_indexes)]


@router.get("/status", response_model=IndexStatus)
async def status(
    repository: _Repository, _: Submitter, indexes: TheIndexes, revision: _Revision = None
) -> Response:
    """Say what is indexed, and how far a build is; nothing is indexed by asking."""
    index = await _opened(indexes, repository, revision)
    return json_response(await index.status(revision))


@router.post("/search", response_model=IndexHits)
async def search(wanted: _Search, _: Submitter, indexes: TheIndexes) -> Response:
    """Find the places that a name, a sentence, a stack trace or a whole issue text is about."""
    index = await _opened(indexes, wanted.repository, wanted.revision)
    return json_response(await index.hits(wanted))


@router.post("/map", response_model=IndexMap)
async def repository_map(wanted: _Map, _: Submitter, indexes: TheIndexes) -> Response:
    """Draw the definitions that matter most, for a text or by what the rest depends on."""
    index = await _opened(indexes, wanted.repository, wanted.revision)
    return json_response(await index.map(wanted))


@router.post("/impact", response_model=IndexImpact)
async def impact(wanted: _Impact, _: Submitter, indexes: TheIndexes) -> Response:
    """List the tests that can reach files or symbols."""
    index = await _opened(indexes, wanted.repository, wanted.revision)
    return json_response(await index.impact(wanted))


@router.get("/symbols", response_model=IndexSymbols)
async def symbols(
    repository: _Repository,
    _: Submitter,
    indexes: TheIndexes,
    target: _Target = None,
    part: _Part = None,
    revision: _Revision = None,
    limit: _Limit = 500,
    age: _Age = 0,
) -> Response:
    """List the definitions of a file or folder, those of a name, or those whose name holds a text."""
    index = await _opened(indexes, repository, revision, age)
    if part is not None:
        return json_response(await index.matching(part, revision, limit, age))
    return json_response(await index.symbols(target, revision, limit, age))


@router.get("/references", response_model=IndexReferences)
async def references(
    repository: _Repository,
    name: _Name,
    _: Submitter,
    indexes: TheIndexes,
    revision: _Revision = None,
    limit: _Limit = 200,
    age: _Age = 0,
) -> Response:
    """List where a name is used in code."""
    index = await _opened(indexes, repository, revision, age)
    return json_response(await index.references(name, revision, limit, age))


@router.get("/callers", response_model=IndexCallers)
async def callers(
    repository: _Repository,
    name: _Name,
    _: Submitter,
    indexes: TheIndexes,
    revision: _Revision = None,
    limit: _Limit = 200,
    age: _Age = 0,
) -> Response:
    """List the calls that can reach a function or class, surest first."""
    index = await _opened(indexes, repository, revision, age)
    return json_response(await index.callers(name, revision, limit, age))


@router.get("/callees", response_model=IndexCallers)
async def callees(
    repository: _Repository,
    name: _Name,
    _: Submitter,
    indexes: TheIndexes,
    revision: _Revision = None,
    limit: _Limit = 200,
    age: _Age = 0,
) -> Response:
    """List the calls in a function or class with what they can reach."""
    index = await _opened(indexes, repository, revision, age)
    return json_response(await index.callees(name, revision, limit, age))


async def _opened(indexes: "Indexes", repository: str, revision: str | None, age: float = 0) -> "OpenIndex":
    # A NUL is in no path and in no name of a revision.
    if "\0" in repository or (revision is not None and "\0" in revision):
        raise RepositoryError("text with a NUL character names nothing")
    return await indexes.of(repository, age)
