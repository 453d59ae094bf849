"""What was tried out of the configuration, as a line of the doctor."""

from agent.sight import Sight, Verdict
from sandboxes.doctor import Finding, Level

_LEVELS = {Verdict.KEPT: Level.OK, Verdict.DOUBTFUL: Level.WARN, Verdict.BROKEN: Level.FAIL}


def finding(subject: str, sight: Sight) -> Finding:
    """Return what was seen of a model or of the bot."""
    return Finding(f"{subject}: {sight.aspect}", _LEVELS[sight.verdict], sight.detail, sight.remedy)
