"""The server as a process: on standard input and output, or for tests on a port of this machine."""

import gc
import os
import socket
import sys
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, NoReturn

from lsp.wire.greeting import Greeting, greet

if TYPE_CHECKING:
    from lsp.server import RatchetServer

FRONT_END = "lsp"
_TURN_SECONDS = 0.001


@dataclass(frozen=True, slots=True)
class Editor:
    """The other side: descriptors of what it says and of what it hears."""

    source: int
    target: int
    greeting: Greeting


def meet_editor() -> Editor:
    """Greet the editor that started this process.

    Standard input and output are taken for it: whatever else is printed goes to standard error.
    """
    source, target = os.dup(0), os.dup(1)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.dup2(2, 1)
    os.close(nothing)
    return Editor(source, target, greet(source, target))


def serve_editor(editor: Editor) -> int:
    """Serve an editor until it ends; returns the exit status."""
    # The threads that read and write take turns with the loop, which is what an editor waits for.
    sys.setswitchinterval(_TURN_SECONDS)
    return make_server().serve(editor.source, editor.target, editor.greeting)


def serve_on(host: str, port: int) -> NoReturn:
    """Serve one client after another; says on standard error where."""
    with socket.create_server((host, port)) as listening:
        place, chosen = listening.getsockname()[:2]
        sys.stderr.write(f"ratchet lsp listens on {place}:{chosen}\n")
        sys.stderr.flush()
        while True:
            client, _ = listening.accept()
            with client:
                server = make_server()
                server.serve(client.fileno(), client.fileno(), Greeting(), until_it_dies=False)
                with suppress(OSError):
                    # A thread still reads from it, which a close would not tell.
                    client.shutdown(socket.SHUT_RDWR)
                # The next client may get the same descriptor, which is not for that thread.
                server.join()


def make_server() -> "RatchetServer":
    """Return a server of this machine's daemon, everything loaded that it needs."""
    # These take most of a second, which an editor that starts does not have to wait for.
    from agent.client.client import Client  # noqa: PLC0415
    from agent.client.connection import warm  # noqa: PLC0415
    from agent.client.launch import finder  # noqa: PLC0415
    from agent.config import state_dir  # noqa: PLC0415
    from lsp.handlers.registry import server_for  # noqa: PLC0415

    warm()
    server = server_for(Client(finder(state_dir(), lambda note: server.log(note), FRONT_END)))
    # What is loaded by now stays for good: to look through it for garbage again and again holds up the loop.
    gc.freeze()
    return server
