"""What a screen calls when its prompt said something."""

from textual.screen import Screen

from agent.protocol.state import TaskState
from tui.background import begin_in
from tui.desk import Desk
from tui.messages import OpenTask, Trouble
from tui.orders.carry_out import carry_out
from tui.orders.order import Act
from tui.orders.parse import parse
from tui.orders.reply import Noted, Reply
from tui.prompt.prompt import Prompt
from tui.safe import line


def obey(
    screen: Screen[None], desk: Desk, text: str, task: TaskState | None = None, *, task_id: str = ""
) -> None:
    """Do what a text asks for, and say, open or show what it comes to; goes on when the screen is left.

    A text that came to nothing is in the prompt again, unless something else is by then.
    """

    async def obeying() -> None:
        reply = await carry_out(parse(text), desk, task, task_id=task_id)
        if reply is not None:
            await _answer(screen, text, reply)

    begin_in("orders", screen.app, obeying)


async def _answer(screen: Screen[None], text: str, reply: Reply) -> None:
    app = screen.app
    match reply:
        case Noted(sentence):
            app.notify(line(sentence, 400), markup=False)
        case Act(action):
            await app.run_action(action, screen)
        case OpenTask() if app.screen is not screen:
            # Whoever went on to something else is not called away from it.
            app.notify(line(reply.task_id), title="begun", markup=False)
        case Trouble():
            for prompt in screen.query(Prompt):
                prompt.give_back(text)
            app.post_message(reply)
        case _:
            app.post_message(reply)
