"""What a screen calls when its prompt said something."""

from textual.screen import Screen

from agent.protocol.state import TaskState
from tui.desk import Desk
from tui.messages import Trouble
from tui.orders.carry_out import carry_out
from tui.orders.order import Act
from tui.orders.parse import parse
from tui.orders.reply import Noted
from tui.prompt.prompt import Prompt
from tui.safe import line


def obey(
    screen: Screen[None], desk: Desk, text: str, task: TaskState | None = None, *, task_id: str = ""
) -> None:
    """Do what a text asks for in a worker of the screen, and say, open or show what it comes to.

    A text that came to nothing is in the prompt again, unless something else is by then.
    """
    screen.run_worker(_obey(screen, desk, text, task, task_id), group="orders", exit_on_error=True)


async def _obey(screen: Screen[None], desk: Desk, text: str, task: TaskState | None, task_id: str) -> None:
    reply = await carry_out(parse(text), desk, task, task_id=task_id)
    match reply:
        case None:
            return
        case Noted(sentence):
            screen.notify(line(sentence, 400), markup=False)
        case Act(action):
            await screen.run_action(action)
        case Trouble():
            for prompt in screen.query(Prompt):
                prompt.give_back(text)
            screen.post_message(reply)
        case _:
            screen.post_message(reply)
