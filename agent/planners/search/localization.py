"""Where the fault may be: from spectra, stack traces and what the failing tests import."""

import random
import time
from collections.abc import Iterable, Iterator

from agent.index.syntax import Function, Node, walk
from agent.planners.planner import Problem
from agent.planners.search.hints import Hints, read_hints
from agent.planners.search.order import SourceFile
from agent.planners.search.sources import Sources
from agent.planners.search.spectrum import trace
from agent.planners.search.suspicion import Line, Suspicion, normalized, rank_lines
from agent.protocol.check import TestStatus
from agent.protocol.progress import Progress
from agent.protocol.proposal import Suspect

SHARE = 0.25
"""Part of the remaining time that tracing may take."""
MOST_SUSPECTS = 400
_MOST_PASSING = 150
_SAMPLED = 30
_HEADER = 0.5
_UNREACHED = 0.15
_GLOBAL = 0.3
_OUTSIDE_LOOPS = 0.5
_HINTED = 0.05
"""What the code index says only decides between lines that the tests tell apart no further."""


def localize(problem: Problem, sources: Sources) -> tuple[Suspect, ...]:
    """Rank suspicious lines of the project's own code; lines of test files only for want of others."""
    problem.on_progress(Progress(phase="localize", message="tracing failing and passing tests"))
    failing = tuple(test.id for test in problem.failing)
    seconds = max(1.0, SHARE * (problem.deadline - time.monotonic()))
    spectrum = trace(problem, (*failing, *passing_tests(problem, sources)), seconds)
    wanted = set(failing)
    failed = [_ours(test.covered, sources) for test in spectrum.tests if test.id in wanted]
    passed = [
        _ours(test.covered, sources)
        for test in spectrum.tests
        if test.id not in wanted and test.status is TestStatus.PASSED
    ]
    scores = rank_lines([one for one in failed if one], passed, problem.failing)
    return suspects(scores, problem, sources, read_hints(problem))


def suspects(
    scores: dict[Line, Suspicion], problem: Problem, sources: Sources, hints: Hints
) -> tuple[Suspect, ...]:
    """Return scored lines as suspects: source files before all others, scores spread over functions."""
    own = {line: one for line, one in scores.items() if sources.is_source(line[0])}
    if not own:
        own = _imported(problem, sources, hints) or scores
    spread = _spread(_hinted(normalized(own), hints), sources)
    if any(test.status is TestStatus.TIMEOUT for test in problem.failing):
        spread = {line: _of_hang(line, one, sources) for line, one in spread.items()}
    spread = normalized(spread)
    ranked = sorted(spread.items(), key=lambda item: (-item[1].score, item[0]))
    return tuple(
        Suspect(
            path=path,
            line=line,
            score=round(one.score, 4),
            symbol=_symbol(path, line, sources),
            reason=one.reason,
        )
        for (path, line), one in ranked[:MOST_SUSPECTS]
    )


def passing_tests(problem: Problem, sources: Sources) -> tuple[str, ...]:
    """Choose passing tests for contrast: of the same files, of files on the same code, then a sample."""
    passed = [test for test in problem.baseline.tests if test.status is TestStatus.PASSED]
    files = {_file(test.id) for test in problem.failing}
    code = {path for file in files for path in sources.imports(file) if sources.is_source(path)}
    alike = {
        file for file in {_file(test.id) for test in passed} - files if code & set(sources.imports(file))
    }
    same = [test for test in passed if _file(test.id) in files]
    impacted = [test for test in passed if _file(test.id) in alike]
    others = [test for test in passed if _file(test.id) not in files | alike]
    generator = random.Random(problem.seed)
    chosen = [
        *sorted(same, key=lambda test: (test.seconds, test.id))[:_MOST_PASSING],
        *generator.sample(impacted, min(len(impacted), 2 * _SAMPLED)),
        *generator.sample(others, min(len(others), _SAMPLED)),
    ]
    return tuple(test.id for test in chosen[:_MOST_PASSING])


def _ours(covered: Iterable[Line], sources: Sources) -> frozenset[Line]:
    return frozenset(line for line in covered if sources.is_source(line[0]))


def _file(test_id: str) -> str:
    return test_id.split("::", 1)[0]


def _spread(scores: dict[Line, Suspicion], sources: Sources) -> dict[Line, Suspicion]:
    """Give every line of a statement its best score, and its function's header and other lines a share."""
    result: dict[Line, Suspicion] = {}
    best: dict[tuple[str, str], tuple[float, Function]] = {}
    for (path, line), one in scores.items():
        file = sources.load(path)
        statement = file.syntax.statement_at(line) if file is not None else None
        if file is None or statement is None:
            continue
        _raise_to(result, (path, statement.start_point.row + 1), one)
        function = file.syntax.function_of(statement)
        if function is not None and best.get((path, function.name), (0.0, function))[0] < one.score:
            best[(path, function.name)] = (one.score, function)
    for (path, _), (score, function) in best.items():
        for line, share, why in _around(path, function, sources):
            _raise_to(result, (path, line), Suspicion(score * share, why))
    return result


def _of_hang(line: Line, one: Suspicion, sources: Sources) -> Suspicion:
    """Lower the score of code outside of loops: what never ends is a loop or a recursion."""
    file = sources.load(line[0])
    node = file.syntax.statement_at(line[1]) if file is not None else None
    function = file.syntax.function_of(node) if file is not None and node is not None else None
    while node is not None and node.type not in ("function_definition", "module"):
        if node.type in ("while_statement", "for_statement"):
            return one
        node = node.parent
    own_name = function.name.rpartition(".")[2].encode() if function is not None else b""
    is_recursive = (
        function is not None and function.node.text is not None and function.node.text.count(own_name) > 1
    )
    return one if is_recursive else Suspicion(one.score * _OUTSIDE_LOOPS, one.reason)


def _hinted(scores: dict[Line, Suspicion], hints: Hints) -> dict[Line, Suspicion]:
    return {
        line: Suspicion(one.score + _HINTED * hint, f"{one.reason}, near by the code index")
        if (hint := hints.at(*line))
        else one
        for line, one in scores.items()
    }


def _raise_to(result: dict[Line, Suspicion], line: Line, one: Suspicion) -> None:
    if line not in result or result[line].score < one.score:
        result[line] = one


def _around(path: str, function: Function, sources: Sources) -> Iterator[tuple[int, float, str]]:
    file = sources.load(path)
    if file is None:
        return
    yield function.node.start_point.row + 1, _HEADER, f"header of {function.name}"
    names: set[str] = set()
    for node in walk(function.node):
        if node.type == "identifier":
            names.add(file.syntax.text(node))
    for statement in file.syntax.statements:
        line = statement.start_point.row + 1
        if function.node.start_byte < statement.start_byte < function.node.end_byte:
            yield line, _UNREACHED, f"in {function.name}, not executed"
        elif (
            statement.parent is not None
            and statement.parent.type == "module"
            and _binds(file, statement, names)
        ):
            yield line, _GLOBAL, f"used by {function.name}"


def _binds(file: SourceFile, statement: Node, names: set[str]) -> bool:
    inner = statement.named_children[0] if statement.named_children else None
    left = inner.child_by_field_name("left") if inner is not None and inner.type == "assignment" else None
    return left is not None and file.syntax.text(left) in names


def _symbol(path: str, line: int, sources: Sources) -> str:
    file = sources.load(path)
    inside = file.syntax.functions_at(line) if file is not None else ()
    return inside[-1].name if inside else ""


def _imported(problem: Problem, sources: Sources, hints: Hints) -> dict[Line, Suspicion]:
    """Score the code that failing tests import or reach, when nothing is known about what they execute."""
    found: dict[Line, Suspicion] = {}
    for test_file in dict.fromkeys(_file(test.id) for test in problem.failing):
        mentioned = sources.read(test_file).decode("utf-8", "replace")
        for path in sources.imports(test_file):
            file = sources.load(path) if sources.is_source(path) else None
            for function in file.syntax.functions if file is not None else ():
                named = function.name.rpartition(".")[2] in mentioned
                one = Suspicion(1.0 if named else 0.3, f"imported by {test_file}")
                for line in range(function.first_line, function.last_line + 1):
                    found[(path, line)] = one
    for hint in hints:
        if sources.is_source(hint.path):
            one = Suspicion(0.3 + 0.7 * hint.score, "reached or spoken of, by the code index")
            for line in range(hint.first_line, hint.last_line + 1):
                _raise_to(found, (hint.path, line), one)
    return found
