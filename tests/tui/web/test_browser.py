"""The page in a real browser: Chromium, which the long tests bring along."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, WebSocket, sync_playwright

from tests.tui.web.serving import serving

LOG = Path(__file__).parents[2] / "data" / "tui" / "do.jsonl"
CHROMIUM = "/usr/bin/chromium"
PATIENCE_MS = 60_000
_PAUSE_MS = 50
_SEQUENCE = re.compile(r"\x1b\[[0-?]*[ -/]*[@-~]")


class Heard:
    """What a page asked for, and what the app painted in it."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.painted = ""

    def listen(self, socket: WebSocket) -> None:
        socket.on("framereceived", self._take)

    def wait_for(self, page: Page, words: str) -> None:
        for _ in range(PATIENCE_MS // _PAUSE_MS):
            if words in self.painted:
                return
            page.wait_for_timeout(_PAUSE_MS)
        raise AssertionError(f"{words!r} was not painted: {self.painted[-2000:]}")

    def _take(self, payload: str | bytes) -> None:
        text = payload if isinstance(payload, str) else payload.decode()
        self.painted += _SEQUENCE.sub("", text)


@pytest.mark.long
def test_a_browser_shows_a_task_and_takes_keys_and_asks_for_nothing_outside() -> None:
    heard = Heard()
    with serving("--from", str(LOG), "--speed", "0") as address, sync_playwright() as browsers:
        browser = browsers.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 1280, "height": 800})
        page.on("request", lambda request: heard.asked.append(request.url))
        page.on("websocket", heard.listen)
        page.goto(address)
        heard.wait_for(page, "Catalogue.between(first, last)")
        assert page.locator("body.-closed").count() == 0
        page.keyboard.press("F1")
        heard.wait_for(page, "Focus Next")
        page.keyboard.press("Control+q")
        page.wait_for_selector("body.-closed", timeout=PATIENCE_MS)
        assert page.get_by_text("Ratchet is closed here").is_visible()
        browser.close()
    outside = [one for one in heard.asked if not one.startswith((address, "data:", "blob:"))]
    assert heard.asked and outside == []
