"""The `/` commands: what each is called, takes and does."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Command:
    """One of them, as help and completion show it."""

    name: str
    takes: str
    does: str

    @property
    def usage(self) -> str:
        """Return how it is written."""
        return f"/{self.name} {self.takes}".rstrip()


COMMANDS = {
    one.name: one
    for one in (
        Command(
            "fix", "[TEST… | shell command]", "fix failing tests, and prove it; none named: whatever fails"
        ),
        Command("do", "GOAL", "make a change, and prove it; needs a model"),
        Command("ask", "QUESTION", "answer from the code; needs a model"),
        Command("review", "[BASE..HEAD] [what to look at]", "look for bugs in a change; needs a model"),
        Command("verify", "[BASE..HEAD | BASE] [TEST…]", "say what a change does to every test"),
        Command("cancel", "[TASK]", "stop a task for good"),
        Command("pause", "[TASK]", "stop a task until it is resumed"),
        Command("resume", "[TASK]", "let a paused task go on"),
        Command("retry", "[TASK]", "begin a finished task again"),
        Command("priority", "N [TASK]", "move a task in the queue; the lower number goes first"),
        Command("approve", "[--task | --pattern GLOB] [reason]", "allow what the task asks for"),
        Command("deny", "[reason]", "refuse what the task asks for"),
        Command("model", "[NAME | auto]", "which model further tasks go to"),
        Command("tasks", "", "the list of tasks"),
        Command("index", "[SYMBOL]", "symbols of the code, what calls them, which tests reach them"),
        Command("doctor", "", "what works here, and what is missing"),
        Command("settings", "", "read and change the settings"),
        Command("theme", "", "choose the colours"),
        Command("help", "", "the keys and commands"),
        Command("quit", "", "close this; tasks go on"),
    )
}
"""By name, in the order that help shows them."""

OPTIONS = ("--apply", "--clean", "--branch NAME", "--model NAME", "--budget USD")
"""What the commands that begin a task take before their words, as far as it means something to them."""
