"""Keeps the questions as the daemon has them, and brings them to the user."""

from pydantic import ValidationError
from textual.app import App
from textual.screen import ModalScreen
from textual.widgets import Input, TextArea

from agent.protocol.api import TaskView
from agent.protocol.errors import RatchetError
from agent.protocol.summary import Status, TaskSummary
from tui.approvals.approval_screen import ApprovalScreen
from tui.approvals.question import Question
from tui.approvals.questions import Questions
from tui.background import begin_alone
from tui.desk import Desk
from tui.safe import line

_ASKING = (Status.WAITING, Status.PAUSED)
_GATHERED_SECONDS = 0.3
"""What waits when the app is opened comes one by one, and is announced at once."""
_TYPED_SECONDS = 0.7
"""Somebody who typed within this time is not interrupted."""


class Asking:
    """One per app; a question of a task that is looked at comes up by itself, others are announced."""

    def __init__(self, app: App[None], desk: Desk) -> None:
        self._app = app
        self._desk = desk
        self.questions = Questions()
        self._typed = ""
        self._is_due = False

    def begin(self) -> None:
        """Listen until the app ends; a recording asks nobody."""
        if self._desk.client is not None:
            self._desk.told.tasks.subscribe(self._app, self._listed)
            self._desk.told.logs.subscribe(self._app, lambda _: self._bring())
            self._app.screen_change_signal.subscribe(self._app, lambda _: self._bring())

    def show(self, task_id: str = "") -> None:
        """Put up what is asked, of one task or of any."""
        of_task = self.questions.of(task_id)
        question = of_task[0] if of_task else self.questions.after(None)
        if question is None:
            self._app.notify("no task waits for an answer", markup=False)
        elif self._modal is None:
            self._app.push_screen(ApprovalScreen(self._desk, self.questions, question))

    @property
    def _modal(self) -> ApprovalScreen | None:
        return next((one for one in self._app.screen_stack if isinstance(one, ApprovalScreen)), None)

    def _listed(self, summary: TaskSummary) -> None:
        if summary.status is Status.WAITING or self.questions.of(summary.task_id):
            group = f"asking-{summary.task_id}"
            begin_alone(group, self._app, self._fetch, summary.task_id)

    async def _fetch(self, task_id: str) -> None:
        assert self._desk.client is not None
        try:
            view = await self._desk.client.task(task_id)
        except (RatchetError, ValidationError):
            # The feed tells that the daemon is lost, or newer, and lists the task again once it is back.
            return
        # What was cancelled asks nothing any more, though nobody answered.
        asked = view.open_approvals if view.summary.status in _ASKING else ()
        now = [Question(task_id, view.spec, one) for one in asked]
        over, modal = self.questions.replace(task_id, now), self._modal
        for question in over:
            if modal is None or modal.answering != question:
                self._settled(question, view)
        if modal is not None:
            modal.refresh_questions()
        self._app.set_timer(_GATHERED_SECONDS, self._announce)
        self._bring()

    def _settled(self, question: Question, view: TaskView) -> None:
        """Say who answered a question that nobody answered here."""
        answer = next((one for one in view.answers if one.approval_id == question.approval.id), None)
        said = (
            f"answered: {answer.decision} by {answer.by}" if answer else "no longer asked: the task has ended"
        )
        self._app.notify(line(question.subject), title=line(said), markup=False)

    def _announce(self) -> None:
        fresh = [one for one in self.questions.unannounced() if not self._is_open(one.task_id)]
        if not fresh or self._modal is not None:
            return
        title = "a task asks" if len(fresh) == 1 else f"{len(fresh)} tasks ask"
        named = line(fresh[0].subject, 120)
        self._app.notify(f"{named}\nF8 shows what", title=title, severity="warning", timeout=15, markup=False)

    def _is_open(self, task_id: str) -> bool:
        return self._desk.feed.log(task_id) is not None

    def _bring(self) -> None:
        """Put up the next question of a task that is looked at, once nobody types."""
        if self._is_due or self.questions.pressing(self._is_open) is None:
            return
        self._is_due, self._typed = True, self._written()
        self._app.set_timer(_TYPED_SECONDS if self._typed else 0.01, self._put_up)

    def _put_up(self) -> None:
        self._is_due = False
        question = self.questions.pressing(self._is_open)
        if question is None or isinstance(self._app.screen, ModalScreen):
            return
        if self._written() != self._typed:
            self._bring()
        else:
            self._app.push_screen(ApprovalScreen(self._desk, self.questions, question))

    def _written(self) -> str:
        """Return what the user is writing, empty when it is nothing."""
        focused = self._app.focused
        if isinstance(focused, TextArea):
            return focused.text
        return focused.value if isinstance(focused, Input) else ""
