"""What a task that is there can be told."""

from agent.client.client import Client
from agent.protocol.errors import UsageError
from agent.protocol.policy import ApprovalScope
from tui.desk import Desk
from tui.orders.order import Tell, Verb

_SHOWN = 3


async def tell(client: Client, order: Tell, task_id: str) -> str:
    """Tell a task what an order says, and return what to say about it; raises RatchetError."""
    match order.verb:
        case Verb.CANCEL:
            await client.cancel(task_id)
            return "cancelled; what it made so far is kept"
        case Verb.PAUSE:
            await client.pause(task_id)
            return "paused; /resume lets it go on"
        case Verb.RESUME:
            await client.resume(task_id)
            return "goes on"
        case Verb.RETRY:
            await client.retry(task_id)
            return "begins again"
        case Verb.PRIORITY:
            await client.prioritize(task_id, order.priority)
            return f"priority {order.priority}"
        case Verb.APPROVE:
            scope, pattern = order.scope, order.pattern
            await client.approve(task_id, None, order.reason, scope=scope, pattern=pattern)
            return "allowed" if scope is ApprovalScope.ONCE else "allowed for the rest of the task"
        case Verb.DENY:
            await client.deny(task_id, None, order.reason)
            return "denied"


def task_meant(desk: Desk, part: str, looked_at: str) -> str:
    """Return the id that a part of one stands for, or the task that is looked at; raises UsageError."""
    if not part:
        if not looked_at:
            raise UsageError("this does not say which task", hint="open it first, or write the end of its id")
        return looked_at
    fitting = [one.task_id for one in desk.feed.tasks() if _fits(one.task_id, part)]
    if len(fitting) == 1:
        return fitting[0]
    if not fitting:
        raise UsageError(f"no task {part!r}", hint="F2 shows the tasks")
    named = ", ".join(fitting[:_SHOWN]) + (", …" if len(fitting) > _SHOWN else "")
    raise UsageError(f"{part!r} stands for {len(fitting)} tasks", hint=f"write more of one of {named}")


def _fits(task_id: str, part: str) -> bool:
    return task_id.startswith(part) or task_id.endswith(part)
