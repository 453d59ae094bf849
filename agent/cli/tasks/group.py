"""`ratchet tasks`: the tasks of the daemon, whoever made them."""

import click

from agent.cli.lazy_group import LazyGroup

_COMMANDS = {
    "list": ("agent.cli.tasks.listing:list_tasks", "List tasks, newest first."),
    "show": ("agent.cli.tasks.show:show", "Show one task, its verdict and its patch."),
    "watch": ("agent.cli.tasks.watch:watch", "Follow all open tasks, or one, live."),
    "cancel": ("agent.cli.tasks.steer:cancel", "Stop tasks for good."),
    "pause": ("agent.cli.tasks.steer:pause", "Stop tasks until they are resumed."),
    "resume": ("agent.cli.tasks.steer:resume", "Let paused tasks go on."),
    "retry": ("agent.cli.tasks.steer:retry", "Begin finished tasks again."),
    "priority": ("agent.cli.tasks.steer:priority", "Move a task in the queue."),
    "steer": ("agent.cli.tasks.say:steer", "Tell the model at work something."),
    "costs": ("agent.cli.tasks.costs:costs", "What models cost, by repository and model."),
    "replay": ("agent.cli.tasks.replay:replay", "Run a task again without its models."),
    "approve": ("agent.cli.tasks.approve:approve", "Allow what a task asks for."),
    "deny": ("agent.cli.tasks.approve:deny", "Refuse what a task asks for."),
    "patch": ("agent.cli.tasks.text:patch", "Print a task's patch."),
    "log": ("agent.cli.tasks.text:log", "Print the tail of a task's log."),
    "prune": ("agent.cli.tasks.prune:prune", "Remove old finished tasks."),
}


@click.group(cls=LazyGroup, table=_COMMANDS)
def tasks() -> None:
    """Look at and steer the tasks of the daemon, whichever front end made them.

    TASK is an id, or a part that no other id begins or ends with, such as its last four characters.

    \b
    ratchet tasks list
    ratchet tasks watch
    ratchet tasks show 8f3a
    ratchet tasks cancel 8f3a
    """
