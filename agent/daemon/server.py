"""A daemon from its start to its end."""

import asyncio
import gc
import os
import signal
import socket
import time
from functools import partial

from starlette.types import ASGIApp, Scope

import agent
from agent.daemon.app import create_app
from agent.daemon.auth import Tokens
from agent.daemon.daemon import Daemon
from agent.daemon.gate import Gate
from agent.daemon.hosts import Hosts
from agent.daemon.housekeeping import forget_old_tasks, stop_when_idle
from agent.daemon.lifecycle import Registration, StateLock, listen_tcp, listen_unix, socket_path
from agent.daemon.logs import Log, open_log
from agent.daemon.settings import Settings
from agent.engine.database import Database
from agent.listening import http_server
from agent.protocol.api import API_VERSION


def run(settings: Settings) -> None:
    """Serve until told to stop; raises RatchetError when it cannot begin."""
    lock = StateLock(settings.state)
    lock.acquire()
    try:
        log = open_log(settings.state)
        asyncio.run(_run(settings, lock, log))
    finally:
        lock.release()


async def _run(settings: Settings, lock: StateLock, log: Log) -> None:
    tokens = Tokens(settings.state)
    tokens.prepare()
    path = socket_path(settings.state)
    sockets = [listen_unix(path)]
    try:
        if settings.tcp is not None:
            sockets.append(listen_tcp(*settings.tcp))
        database = Database.open(settings.place)
        try:
            await _serve(Daemon(settings, database, log), tokens, sockets, lock)
        finally:
            database.close()
    finally:
        for each in sockets:
            each.close()
        path.unlink(missing_ok=True)


async def _serve(daemon: Daemon, tokens: Tokens, sockets: list[socket.socket], lock: StateLock) -> None:
    app = create_app(daemon)
    listeners = [http_server(_gate(daemon, tokens, app, each)) for each in sockets]
    serving = [
        asyncio.create_task(listener.serve([each])) for listener, each in zip(listeners, sockets, strict=True)
    ]
    _obey_signals(daemon)
    works = (
        daemon.supervisor.run(),
        daemon.publishing.run(),
        daemon.hub.poll(),
        daemon.changes.tell(),
        daemon.changes.poll(),
        stop_when_idle(daemon),
        forget_old_tasks(daemon),
    )
    background = [asyncio.create_task(work) for work in works]
    for task in background:
        task.add_done_callback(partial(_check, daemon))
    await _begin(daemon, sockets, lock)
    await daemon.stopping.wait()
    daemon.log.info("stopping", drain=daemon.drains)
    await daemon.supervisor.stop(drain=daemon.drains)
    await daemon.publishing.stop()
    daemon.hub.close()
    daemon.changes.close()
    for task in background:
        task.cancel()
    for listener in listeners:
        listener.should_exit = True
    await asyncio.gather(*serving, *background, return_exceptions=True)
    daemon.log.info("stopped")


def _check(daemon: Daemon, task: "asyncio.Task[None]") -> None:
    """End a daemon of which a part has failed: the next one starts whole."""
    if not task.cancelled() and (error := task.exception()) is not None:
        daemon.log.critical("a part of the daemon failed", exc_info=error)
        daemon.stop(drain=False)


async def _begin(daemon: Daemon, sockets: list[socket.socket], lock: StateLock) -> None:
    """Take over from the last daemon and let front ends know."""
    tcp = sockets[1].getsockname() if len(sockets) > 1 else None
    lock.register(
        Registration(
            pid=os.getpid(),
            socket=sockets[0].getsockname(),
            version=agent.__version__,
            api=API_VERSION,
            started_at=daemon.started_at,
            tcp=None if tcp is None else f"[{tcp[0]}]:{tcp[1]}" if ":" in tcp[0] else f"{tcp[0]}:{tcp[1]}",
        )
    )
    gc.freeze()
    gc.enable()
    daemon.log.info("serving", version=agent.__version__, after_crash=lock.after_crash)
    await daemon.take_over(after_crash=lock.after_crash)


def _gate(daemon: Daemon, tokens: Tokens, app: ASGIApp, listening: socket.socket) -> Gate:
    settings = daemon.settings
    tcp = settings.tcp if listening.family != socket.AF_UNIX else None

    def on_request(scope: Scope, status: int, seconds: float) -> None:
        daemon.asked_at = time.monotonic()
        daemon.metrics.request(scope, status, seconds)

    return Gate(
        app,
        tokens=tokens,
        hosts=Hosts(tcp[0], settings.hosts) if tcp else None,
        largest_body=settings.largest_body,
        log=daemon.log,
        on_request=on_request,
    )


def _obey_signals(daemon: Daemon) -> None:
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, partial(daemon.stop, drain=False))
