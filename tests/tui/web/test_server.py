"""A page gets an app of its own; without the address that was printed there is nothing to get."""

import asyncio
import os
import re
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.parse import urlsplit

import aiohttp
import pytest

from tests.tui.web.serving import serving

LOG = Path(__file__).parents[2] / "data" / "logs" / "v3" / "every-event.jsonl"
CTRL_Q = "\x11"


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """What `ratchet tui --web` prints, of a recorded task."""
    with serving("--from", str(LOG), "--speed", "0") as printed:
        yield printed


@asynccontextmanager
async def page_of(address: str, **headers: str) -> AsyncIterator[aiohttp.ClientWebSocketResponse]:
    socket = f"{address}ws?width=80&height=24"
    async with aiohttp.ClientSession() as session, session.ws_connect(socket, headers=headers) as page:
        yield page


async def read_until(page: aiohttp.ClientWebSocketResponse, wanted: str) -> str:
    painted = ""
    async with asyncio.timeout(60):
        while wanted not in painted:
            painted += (await page.receive_bytes()).decode()
    return painted


def test_a_page_shows_the_app_and_ends_with_it(address: str) -> None:
    async def visit() -> None:
        async with aiohttp.ClientSession() as session, session.get(address) as answer:
            text = await answer.text()
        assert answer.headers["Content-Security-Policy"].startswith("default-src 'self'")
        addresses = set(re.findall(r"(?:https?|wss?)://[^/\"']+", text))
        assert {urlsplit(one).netloc for one in addresses} == {urlsplit(address).netloc}
        async with page_of(address) as page:
            await read_until(page, "Ratchet")
            await page.send_json(["stdin", CTRL_Q])
            async with asyncio.timeout(60):
                while not page.closed:
                    await page.receive()

    asyncio.run(visit())


def test_nobody_without_the_address_and_no_other_site_gets_anything(address: str) -> None:
    place = urlsplit(address)
    here = f"http://{place.netloc}"
    refused: list[tuple[str, dict[str, str]]] = [
        (f"{here}/", {}),
        (f"{here}/ws", {}),
        (f"{here}/static/js/textual.js", {}),
        (f"{here}{place.path[:-2]}/", {}),
        (f"{here}{place.path}x/", {}),
        (address, {"Host": "evil.example"}),
        (address, {"Host": f"evil.example:{place.port}"}),
        (f"{address}ws", {"Origin": "https://evil.example"}),
        (f"{address}ws", {"Origin": "null"}),
    ]

    async def visit() -> None:
        async with aiohttp.ClientSession() as session:
            for url, headers in refused:
                async with session.get(url, headers=headers) as answer:
                    assert answer.status in (403, 404), (url, headers)
                    assert place.path.strip("/") not in await answer.text()
        with pytest.raises(aiohttp.WSServerHandshakeError):
            async with page_of(address, Origin="http://127.0.0.1:1"):
                pass

    asyncio.run(visit())


def test_it_listens_on_this_machine_only(address: str) -> None:
    port = urlsplit(address).port
    listening = [
        line.split()[1]
        for table in ("tcp", "tcp6")
        for line in Path(f"/proc/{os.getpid()}/net/{table}").read_text().splitlines()[1:]
        if int(line.split()[1].rpartition(":")[2], 16) == port and line.split()[3] == "0A"
    ]
    assert listening == [f"0100007F:{port:04X}"]
