"""What `ratchet doctor --json` says."""

from enum import StrEnum

from pydantic import ValidationError

from agent.protocol.errors import RatchetError
from agent.protocol.value import Value


class Level(StrEnum):
    """How bad a finding is."""

    OK = "ok"
    WARN = "warn"
    FAIL = "fail"


_WORST_FIRST = (Level.FAIL, Level.WARN, Level.OK)


class Finding(Value):
    """One thing that was looked at."""

    name: str
    level: Level
    detail: str
    remedy: str = ""


class Report(Value):
    """Everything that was looked at, in the order of the doctor."""

    findings: tuple[Finding, ...]
    sandbox_works: bool = True
    """False: nothing isolates code, so that none is run."""
    model_works: bool = True

    @property
    def worst_first(self) -> tuple[Finding, ...]:
        """Return the findings with those first that want something done."""
        return tuple(sorted(self.findings, key=lambda one: _WORST_FIRST.index(one.level)))

    @property
    def sentence(self) -> str:
        """Return how many findings there are of each level."""
        counts = {level: sum(one.level is level for one in self.findings) for level in Level}
        failing, doubtful = counts[Level.FAIL], counts[Level.WARN]
        parts = [f"{counts[Level.OK]} fine", f"{doubtful} to look at", f"{failing} not working"]
        return ", ".join(part for part in parts if not part.startswith("0 "))

    def finding(self, name: str) -> Finding | None:
        """Return the first finding of a name that is not ok."""
        return next((one for one in self.findings if one.name == name and one.level is not Level.OK), None)


class _Refusal(Value):
    """What every command prints instead when it cannot do its work."""

    reason: str
    hint: str = ""


def read(said: str, beside: str = "") -> Report:
    """Return what the doctor printed; raises RatchetError with its last words when that is no report."""
    try:
        return Report.model_validate_json(said, extra="ignore")
    except ValidationError:
        raise _refusal(said, beside) from None


def _refusal(said: str, beside: str) -> RatchetError:
    try:
        refusal = _Refusal.model_validate_json(said, extra="ignore")
    except ValidationError:
        last = [one for one in beside.splitlines() if one.strip()]
        what = last[-1] if last else "it said nothing"
        refusal = _Refusal(reason=what, hint="run `ratchet doctor` in a shell to see all of it")
    return RatchetError(f"the doctor gave up: {refusal.reason}", hint=refusal.hint)
