"""The modal in which a question is read and answered."""

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Footer, Input

from agent.protocol.errors import RatchetError
from agent.protocol.policy import ApprovalScope, Decision
from tui.approvals.page import page
from tui.approvals.page_view import PageView
from tui.approvals.pattern import suggested
from tui.approvals.question import Question
from tui.approvals.questions import Questions
from tui.approvals.scope_line import ScopeLine
from tui.background import begin
from tui.desk import Desk
from tui.messages import OpenTask, Trouble
from tui.safe import content, line

_CALM_SECONDS = 0.6
"""Keys that were meant for what was on the screen before come without such a pause."""
_KEYS = ("answer", "scope", "reason", "step", "open")
"""What a letter or a digit does."""


class ApprovalScreen(ModalScreen[None]):
    """Shows one open question after the other until all are answered or put off."""

    CSS_PATH = "approval_screen.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("a", "answer('allow')", "Allow"),
        Binding("d", "answer('deny')", "Deny"),
        Binding("1", "scope('once')", "Once", show=False),
        Binding("2", "scope('task')", "Rest of task", show=False),
        Binding("3", "scope('pattern')", "Pattern", show=False),
        Binding("r", "reason", "Reason"),
        Binding("n", "step(1)", "Next"),
        Binding("p", "step(-1)", "Previous", show=False),
        Binding("o", "open", "Task"),
        # At once: the key after it may be an answer.
        Binding("enter", "back", "Done", priority=True),
        Binding("escape", "later", "Later"),
    ]

    def __init__(self, desk: Desk, questions: Questions, first: Question) -> None:
        super().__init__()
        self._desk = desk
        self._questions = questions
        self._question = first
        self._is_calm = False
        self._is_over = False
        self.answering: Question | None = None
        """What an answer is under way for."""

    @property
    def question(self) -> Question:
        """Return the question that is shown."""
        return self._question

    def compose(self) -> ComposeResult:
        """Lay out the page, how far a yes reaches, and why."""
        with Vertical(id="approval"):
            yield PageView(id="page")
            yield ScopeLine(id="scope")
            yield Input(id="pattern", compact=True)
            yield Input(id="reason", placeholder="why (optional, kept with the answer)", compact=True)
            yield Footer(show_command_palette=False)

    def on_mount(self) -> None:
        """Begin with the first question."""
        self._calm = self.set_timer(_CALM_SECONDS, self._calmed)
        self.watch(self.query_one(PageView), "scroll_y", self._tell_place, init=False)
        self._show(self._question)

    def on_screen_resume(self) -> None:
        """Catch up with what happened below another screen."""
        if self.is_mounted and not self._is_over:
            self.refresh_questions()

    def refresh_questions(self) -> None:
        """Go on when the question was answered elsewhere; there may also be more of them now."""
        if self._questions.has(self._question):
            self._tell()
        elif self.answering != self._question:
            self._go_on()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Answer nothing in a recording, twice, or by a key that was meant for something else."""
        if action == "step" and len(self._questions) < 2:
            return False
        if action == "back":
            return isinstance(self.focused, Input)
        if action in _KEYS and not self._is_calm:
            return None
        if action == "answer":
            return True if self._desk.client and self.answering is None else None
        return True

    def on_key(self) -> None:
        """Wait for the user to have stopped typing."""
        if not self._is_calm:
            self._calm.reset()

    def on_resize(self) -> None:
        """Say anew how much of the page is in sight."""
        self.call_after_refresh(self._tell_place)

    def action_back(self) -> None:
        """Leave a field; that alone answers nothing."""
        self.set_focus(self.query_one(PageView))

    def action_answer(self, decision: str) -> None:
        """Allow or deny what is asked."""
        self.answering = self._question
        self._tell()
        begin(self, self._answer, self._question, Decision(decision))

    def action_scope(self, scope: str) -> None:
        """Choose how far a yes reaches."""
        self.query_one(ScopeLine).scope = ApprovalScope(scope)
        pattern = self.query_one("#pattern", Input)
        pattern.display = scope == ApprovalScope.PATTERN
        # At once: the next key is for it, and no answer.
        self.set_focus(pattern if pattern.display else self.query_one(PageView))

    def action_reason(self) -> None:
        """Write why."""
        self.set_focus(self.query_one("#reason", Input))

    def action_step(self, step: int) -> None:
        """Show another open question."""
        other = self._questions.after(self._question, step)
        if other is not None:
            self._show(other)

    def action_open(self) -> None:
        """Look at the task first."""
        self.set_focus(None)
        self.action_later()
        self.app.post_message(OpenTask(self._question.task_id))

    def action_later(self) -> None:
        """Leave all questions open; out of a field only that."""
        if isinstance(self.focused, Input):
            self.action_back()
            return
        for one in self._questions.all():
            self._questions.put_off(one)
        self.app.notify("F8 asks again", title="left open", markup=False)
        self._close()

    async def _answer(self, question: Question, decision: Decision) -> None:
        try:
            await self._send(question, decision)
        except RatchetError as error:
            self.app.post_message(Trouble(error.message, error.hint))
        else:
            self._questions.settle(question)
            self.app.notify(line(question.subject), title=f"answered: {decision}", markup=False)
        self.answering = None
        self.refresh_questions()

    async def _send(self, question: Question, decision: Decision) -> None:
        client = self._desk.client
        assert client is not None
        where, reason = (question.task_id, question.approval.id), self.query_one("#reason", Input).value
        if decision is Decision.DENY:
            await client.deny(*where, reason)
            return
        scope = self.query_one(ScopeLine).scope
        pattern = self.query_one("#pattern", Input).value if scope is ApprovalScope.PATTERN else None
        await client.approve(*where, reason, scope=scope, pattern=pattern)

    def _go_on(self) -> None:
        following = self._questions.after(None)
        if following is not None:
            self._show(following)
        else:
            self._close()

    def _close(self) -> None:
        # What lies over it would be closed in its place; it comes back to this afterwards.
        if self.app.screen is self and not self._is_over:
            self._is_over = True
            self.dismiss()

    def _show(self, question: Question) -> None:
        self._question = question
        # In a recording no key does harm.
        self._is_calm = self._desk.client is None
        self._calm.reset()
        self.action_scope(ApprovalScope.ONCE)
        self.query_one("#pattern", Input).value = suggested(question.approval)
        self.query_one("#reason", Input).value = ""
        self.query_one(PageView).show(page(question))
        self.call_after_refresh(self._tell)

    def _calmed(self) -> None:
        self._is_calm = True
        self.refresh_bindings()

    def _tell(self) -> None:
        self._tell_place()
        self.refresh_bindings()

    def _tell_place(self) -> None:
        frame, view = self.query_one("#approval"), self.query_one(PageView)
        number, count = self._questions.place(self._question)
        several = f" · {number} of {count}" if count > 1 else ""
        doing = "answering…" if self.answering == self._question else "asks"
        seen, lines = view.seen
        frame.border_title = content(f"{self._question.task_id} {doing}{several}")
        below = f"lines to {seen} of {lines}, go on with the arrows" if seen < lines else ""
        frame.border_subtitle = content(below)
        self.refresh_bindings()
