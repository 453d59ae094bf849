"""`python -m tests.tui.safe.stage JOB.json`: shows texts in every kind of widget, a page each, and ends."""

import asyncio
import json
import sys
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.text import Text
from textual.app import App, ComposeResult
from textual.containers import VerticalScroll
from textual.content import Content
from textual.notifications import Notification
from textual.widget import Widget
from textual.widgets import (
    Button,
    Checkbox,
    Collapsible,
    DataTable,
    Input,
    Label,
    Log,
    Markdown,
    OptionList,
    RadioButton,
    RichLog,
    Select,
    SelectionList,
    Static,
    Tab,
    Tabs,
    TextArea,
    Tree,
)
from textual.widgets._toast import Toast
from textual.widgets.selection_list import Selection

from tui.safe import Boundary, content, line, shown


@dataclass(frozen=True, slots=True)
class Way:
    """How outside texts come to a widget: as content, as lines of text, as one line."""

    content: Callable[[str], Content]
    text: Callable[[str], str]
    line: Callable[[str], str]


WAYS = {
    "safe": Way(content, shown, lambda text: line(text, 400)),
    # What a widget let through, with nothing but the last look behind it.
    "raw": Way(Content, str, str),
}
Show = Callable[[Widget, Sequence[str], Way], Awaitable[object]]


async def _each(page: Widget, made: Sequence[Widget]) -> None:
    await page.mount(*made)


async def _static(page: Widget, texts: Sequence[str], way: Way) -> None:
    await page.mount(Static(Content("\n").join(way.content(one) for one in texts), markup=False))


async def _plain(page: Widget, texts: Sequence[str], way: Way) -> None:
    await _each(page, [Static(way.text(one), markup=False) for one in texts])


async def _label(page: Widget, texts: Sequence[str], way: Way) -> None:
    await _each(page, [Label(way.text(one), markup=False) for one in texts])


async def _rich(page: Widget, texts: Sequence[str], way: Way) -> None:
    await page.mount(Static(Text("\n").join(Text(way.text(one)) for one in texts), markup=False))


async def _button(page: Widget, texts: Sequence[str], way: Way) -> None:
    await _each(page, [Button(way.content(one), compact=True) for one in texts])


async def _toggle(page: Widget, texts: Sequence[str], way: Way) -> None:
    kinds = (Checkbox, RadioButton)
    await _each(page, [kinds[at % 2](way.content(one), compact=True) for at, one in enumerate(texts)])


async def _input(page: Widget, texts: Sequence[str], way: Way) -> None:
    await _each(page, [Input(way.line(one), compact=True) for one in texts])


async def _placeholder(page: Widget, texts: Sequence[str], way: Way) -> None:
    await _each(page, [Input(placeholder=way.line(one), compact=True) for one in texts])


async def _border(page: Widget, texts: Sequence[str], way: Way) -> None:
    made = [Static("x", classes="bordered") for _ in texts]
    for at, (widget, text) in enumerate(zip(made, texts, strict=True)):
        # Set once: what is read back from it is markup again, and that is not always what it was.
        if at % 2:
            widget.border_title = way.content(text)  # type: ignore[assignment]
        else:
            widget.border_subtitle = way.content(text)  # type: ignore[assignment]
    await _each(page, made)


async def _table(page: Widget, texts: Sequence[str], way: Way) -> None:
    table: DataTable[object] = DataTable(show_header=True)
    await page.mount(table)
    table.add_columns(Text(way.line(texts[0])), Text("rich"))
    for one in texts:
        table.add_row(way.content(one), Text(way.text(one)), label=Text(way.line(one)))


async def _tree(page: Widget, texts: Sequence[str], way: Way) -> None:
    tree: Tree[None] = Tree(Text(way.line(texts[0])))
    for one in texts:
        tree.root.add_leaf(Text(way.line(one)))
    tree.root.expand()
    await page.mount(tree)


async def _options(page: Widget, texts: Sequence[str], way: Way) -> None:
    await page.mount(OptionList(*(way.content(one) for one in texts), markup=False))


async def _selections(page: Widget, texts: Sequence[str], way: Way) -> None:
    await page.mount(
        SelectionList(*(Selection(way.content(one), at) for at, one in enumerate(texts)), compact=True)
    )


async def _select(page: Widget, texts: Sequence[str], way: Way) -> None:
    options = [(way.content(one), at) for at, one in enumerate(texts)]
    select = Select(options, value=0, compact=True)  # type: ignore[arg-type]
    await page.mount(select)
    select.focus()
    await _settled(page)
    select.action_show_overlay()


async def _tabs(page: Widget, texts: Sequence[str], way: Way) -> None:
    await _each(page, [Tabs(Tab(way.content(one))) for one in texts])


async def _collapsible(page: Widget, texts: Sequence[str], way: Way) -> None:
    made = [Collapsible(Static(way.text(one), markup=False), title="x", collapsed=False) for one in texts]
    await _each(page, made)
    for widget, text in zip(made, texts, strict=True):
        widget.title = way.content(text)  # type: ignore[assignment]


async def _log(page: Widget, texts: Sequence[str], way: Way) -> None:
    log = Log(max_lines=500)
    await page.mount(log)
    for one in texts:
        # In pieces, as it comes from a process.
        for piece in _pieces(one):
            log.write(way.text(piece))
        log.write("\n")


async def _rich_log(page: Widget, texts: Sequence[str], way: Way) -> None:
    log = RichLog(markup=False, highlight=False)
    await page.mount(log)
    for at, one in enumerate(texts):
        log.write((way.content(one), Text(way.text(one)), way.text(one))[at % 3])


async def _markdown(page: Widget, texts: Sequence[str], way: Way) -> None:
    widget = Markdown("\n\n".join(way.text(one) for one in texts), open_links=False)
    await page.mount(widget)


async def _streamed(page: Widget, texts: Sequence[str], way: Way) -> None:
    widget = Markdown(open_links=False)
    await page.mount(widget)
    stream = Markdown.get_stream(widget)
    for one in texts:
        for piece in (*_pieces(one), "\n\n"):
            await stream.write(way.text(piece))
    await stream.stop()


async def _area(page: Widget, texts: Sequence[str], way: Way) -> None:
    area = TextArea("\n".join(way.text(one) for one in texts), read_only=True)
    await page.mount(area)


async def _typed(page: Widget, texts: Sequence[str], way: Way) -> None:
    area = TextArea()
    await page.mount(area)
    for one in texts:
        for piece in (*_pieces(one), "\n"):
            area.insert(way.text(piece))


async def _notices(page: Widget, texts: Sequence[str], way: Way) -> None:
    # What `notify` shows, here where all of them are seen.
    noted = [Notification(way.line(one), title=way.line(one), timeout=600, markup=False) for one in texts]
    await _each(page, [Toast(one) for one in noted])


async def _settled(page: Widget) -> None:
    done = asyncio.Event()
    page.call_after_refresh(done.set)
    await done.wait()


def _pieces(text: str) -> list[str]:
    """Return a text cut in the middle of what could be a sequence, wherever that is."""
    third = max(1, len(text) // 3)
    return [text[at : at + third] for at in range(0, len(text), third)]


KINDS: dict[str, tuple[Show, int]] = {
    "Static of content": (_static, 1),
    "Static of text": (_plain, 1),
    "Static of rich text": (_rich, 1),
    "Label": (_label, 1),
    "Button": (_button, 1),
    "Checkbox and RadioButton": (_toggle, 1),
    "Input": (_input, 1),
    "placeholder": (_placeholder, 1),
    "border": (_border, 3),
    "DataTable": (_table, 1),
    "Tree": (_tree, 1),
    "OptionList": (_options, 1),
    "SelectionList": (_selections, 1),
    "Select": (_select, 1),
    "Tabs": (_tabs, 2),
    "Collapsible": (_collapsible, 4),
    "Log": (_log, 1),
    "RichLog": (_rich_log, 1),
    "Markdown": (_markdown, 2),
    "streamed Markdown": (_streamed, 2),
    "TextArea": (_area, 2),
    "TextArea that is typed into": (_typed, 2),
    "notify": (_notices, 5),
}
"""By name: how texts are shown in it, and how many lines each of them takes about."""


class Stage(App[None]):
    """Shows a page after the other."""

    CSS = """
    #page { height: 1fr; width: 1fr; }
    #page > * { width: 1fr; }
    .bordered { border: round white; height: 3; }
    Log, RichLog, TextArea, Tree, DataTable, OptionList, SelectionList { height: 1fr; border: none; }
    Collapsible { padding: 0; border: none; }
    SelectOverlay { height: auto; max-height: 200; }
    Toast { width: 1fr; max-width: 100%; padding: 0; }
    """

    def __init__(self, pages: Sequence[dict[str, object]], guarded: bool) -> None:
        super().__init__()
        self._pages = pages
        if guarded:
            self._filters.insert(0, Boundary())

    def compose(self) -> ComposeResult:
        """Lay out the place of a page."""
        yield VerticalScroll(id="page")

    def on_mount(self) -> None:
        """Begin."""
        self.run_worker(self._show(), exit_on_error=True)

    async def _show(self) -> None:
        for page in self._pages:
            place = self.query_one("#page")
            await place.remove_children()
            show, _ = KINDS[str(page["kind"])]
            texts: list[str] = page["texts"]  # type: ignore[assignment]
            await show(place, texts, WAYS[str(page["way"])])
            await self._painted(place)
        self.exit()

    async def _painted(self, page: Widget) -> None:
        # Once more, for those that lay out their lines after they know how large they are.
        await _settled(page)
        await _settled(page)


if __name__ == "__main__":
    job = json.loads(Path(sys.argv[1]).read_text(encoding="ascii"))
    stage = Stage(job["pages"], job["guarded"])
    stage.run()
    sys.exit(stage.return_code or 0)
