"""Every screen looks as it did when somebody last looked at it."""

import asyncio
from pathlib import Path

import pytest

from tests.tui.shots import recorded_app, settled, taken
from tests.tui.snapshot import compare, failed, lines, normal

_PICTURE = (
    '<text class="terminal-12-r1" x="24.4" y="20" clip-path="url(#terminal-12-line-0)">a &lt;b&gt;</text>'
)


@pytest.fixture(autouse=True)
def _plain_surroundings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name, value in {"TERM": "xterm-256color", "COLORTERM": "truecolor"}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("NO_COLOR", raising=False)
    # It is shown, so it is the same everywhere.
    monkeypatch.setenv("RATCHET_CONFIG", "/nowhere/config.toml")
    monkeypatch.setenv("RATCHET_STATE_DIR", str(tmp_path / "state"))


@pytest.fixture
def update(request: pytest.FixtureRequest) -> bool:
    return bool(request.config.getoption("--update-snapshots"))


async def _differences(columns: int, rows: int, folder: Path, update: bool) -> list[str]:
    app, shots = recorded_app()
    async with app.run_test(size=(columns, rows)) as pilot:
        app.theme = "textual-dark"
        while app.desk is None:
            await pilot.pause(0.02)
        await settled(pilot)
        size = f"{columns}x{rows}"
        return [
            compare(f"{size}/{shot.name}", picture, folder, update=update)
            async for shot, picture in taken(pilot, shots)
        ]


def test_every_screen_looks_as_it_did(tmp_path: Path, update: bool) -> None:
    failed(asyncio.run(_differences(80, 24, tmp_path, update)))


@pytest.mark.long
def test_every_screen_looks_as_it_did_in_a_large_terminal(tmp_path: Path, update: bool) -> None:
    failed(asyncio.run(_differences(200, 50, tmp_path, update)))


def test_a_picture_that_differs_is_told_of_in_words(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = tmp_path / "kept"
    kept.mkdir()
    monkeypatch.setattr("tests.tui.snapshot.KEPT", kept)
    assert lines(_PICTURE) == ["  a <b>"]
    assert "there was none" in compare("one", _PICTURE, tmp_path)
    (kept / "one.svg").write_text(normal(_PICTURE))
    assert compare("one", _PICTURE.replace("12", "34"), tmp_path) == "", "the same content under another name"
    assert "+  a <c>" in compare("one", _PICTURE.replace("&lt;b", "&lt;c"), tmp_path)
    assert "other colours" in compare("one", _PICTURE.replace("-r1", "-r2"), tmp_path)
