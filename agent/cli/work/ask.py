"""`ratchet ask`: a question about the code, answered with places that were looked up."""

import click

from agent.cli.errors import shown_to_the_user
from agent.cli.work.options import TaskOptions, goal_argument, model_option, task_options


@click.command()
@goal_argument("QUESTION")
@model_option
@task_options
def ask(options: TaskOptions, goal: str, model: str | None) -> None:
    """Answer QUESTION from the code; `-` reads it from standard input.

    Needs a language model. It can read and search, and run or change nothing. Every place that the
    answer names is looked up; one that does not exist is marked.

    \b
    ratchet ask "where are retries decided, and how many are there?"
    """
    with shown_to_the_user(options.as_json):
        from agent.cli.work.session import perform
        from agent.protocol.task import TaskKind

        perform(TaskKind.ASK, options, (), goal=goal, planner=model)
