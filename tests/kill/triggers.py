"""Named calls at which a daemon or a worker of a test dies, and the folder through which it hears of them."""

import json
from dataclasses import dataclass
from pathlib import Path

BOOTSTRAP = Path(__file__).parent / "bootstrap"
VARIABLE = "RATCHET_TEST_TRIGGERS"


@dataclass(frozen=True, slots=True)
class Trigger:
    """One call: the process ends right before or right after it.

    `given` are values, or names of types, that must be among its arguments and its result.
    """

    target: str
    """`module:Class.function`"""
    after: bool = False
    given: tuple[str, ...] = ()
    nth: int = 1
    action: str = "kill"

    def __str__(self) -> str:
        """Return it as a line of a table shows it."""
        among = f" [{', '.join(self.given)}]" if self.given else ""
        count = f" #{self.nth}" if self.nth > 1 else ""
        moment = "after" if self.after else "before"
        stopped = " (stopped)" if self.action == "stop" else ""
        return f"{moment} {self.target}{among}{count}{stopped}"


def before(target: str, *given: str, nth: int = 1) -> Trigger:
    """Return the trigger right before a call."""
    return Trigger(target, after=False, given=given, nth=nth)


def after(target: str, *given: str, nth: int = 1) -> Trigger:
    """Return the trigger right after a call."""
    return Trigger(target, after=True, given=given, nth=nth)


class Armed:
    """Triggers that go off one after the other: each process obeys the first that is left."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(exist_ok=True)
        self._files: dict[Path, Trigger] = {}

    def add(self, *triggers: Trigger) -> None:
        """Have these go off, too; processes that run already do not hear of it."""
        for trigger in triggers:
            file = self.folder / f"{len(self._files):03}.json"
            text = {
                "target": trigger.target,
                "after": trigger.after,
                "given": list(trigger.given),
                "nth": trigger.nth,
                "action": trigger.action,
            }
            file.write_text(json.dumps(text))
            self._files[file] = trigger

    def clear(self) -> None:
        """Forget all of them."""
        for file in self._files:
            file.unlink()
            file.with_suffix(".fired").unlink(missing_ok=True)
        self._files = {}

    def fired(self) -> list[Trigger]:
        """Return those that went off."""
        return [trigger for file, trigger in self._files.items() if file.with_suffix(".fired").exists()]

    def left(self) -> list[Trigger]:
        """Return those that did not go off."""
        return [trigger for file, trigger in self._files.items() if not file.with_suffix(".fired").exists()]

    def process(self, trigger: Trigger) -> int:
        """Return the id of the process in which a trigger went off."""
        file = next(file for file, each in self._files.items() if each is trigger)
        return int(file.with_suffix(".fired").read_text().split()[1])

    def processes(self) -> dict[int, str]:
        """Return all processes that were started, and what each was."""
        listed = self.folder / "processes"
        lines = listed.read_text().splitlines() if listed.exists() else []
        return {int(pid): role for role, pid in (line.split() for line in lines)}
