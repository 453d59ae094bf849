"""The fake forge on the network: each request is kept, judged, answered and perhaps spoilt."""

import asyncio
import hashlib
import json
import socket
import threading
import time
from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote

import uvicorn

from tests.forge import git, git_http
from tests.forge.events import Events
from tests.forge.exchange import DOCUMENTATION, GRAPHQL, Answer, Call, Refused, Request, Route, matched, may
from tests.forge.faults import Fault, Faults, Planned
from tests.forge.gate import Gate
from tests.forge.graphql import answered
from tests.forge.openapi import Contract
from tests.forge.spoiling import instead, limited, spoilt
from tests.forge.tokens import Kind, Token
from tests.forge.world import World

API = "/api/v3"
Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]


@dataclass
class Forge:
    """Everything that answers; `Server` puts it on the network."""

    world: World
    gate: Gate
    events: Events
    contract: Contract
    routes: list[Route]
    faults: Faults
    requests: list[Request] = field(default_factory=list)
    violations: list[str] = field(default_factory=list)
    overlaps: list[str] = field(default_factory=list)
    _writing: dict[str, str] = field(default_factory=dict)

    def receive(self, scope: Scope, body: bytes, *, blobs: bool) -> tuple[Answer, Planned | None]:
        """Return the answer to a request, and the fault that it is to be spoilt with."""
        headers = {name.decode().lower(): value.decode("latin-1") for name, value in scope["headers"]}
        raw = scope["raw_path"].decode("ascii")
        path = unquote(raw)
        if blobs:
            return self._blob(path, headers), None
        graphql = path == GRAPHQL
        api = path.startswith(f"{API}/")
        path = path.removeprefix(API) if api else path
        refused: Refused | None = None
        token: Token | None = None
        try:
            token = self.gate.who(headers.get("authorization", ""))
        except Refused as error:
            refused = error
        query = dict(parse_qsl(scope["query_string"].decode(), keep_blank_values=True))
        request = Request(
            scope["method"],
            path,
            query,
            _parsed(body) if api or graphql else None,
            {name: value for name, value in headers.items() if name != "authorization"},
            token.user.login if token else "",
            token.kind.value if token else "",
            time.time(),
        )
        self.requests.append(request)
        planned = self.faults.take(request.method, path)
        if planned and planned.fault is Fault.SLOW:
            time.sleep(planned.seconds)
        if planned and (answer := instead(planned)):
            return answer, planned
        if refused:
            return refused.answer(), planned
        if graphql:
            with self.world.lock:
                return answered(self.world, self.violations, request, token), planned
        if api:
            return self._api(raw.removeprefix(API), request, token), planned
        return self._git(request, token, scope, headers, body), planned

    def _api(self, raw: str, request: Request, token: Token | None) -> Answer:
        if not request.headers.get("user-agent"):
            return Refused(403, "Request forbidden by administrative rules.").answer()
        if moved := self._moved(request):
            return moved
        found = matched(self.routes, request.method, self._by_name(raw))
        if found is None:
            self.violations.append(f"not served: {request.method} {request.path}")
            return Refused(404, "Not Found").answer()
        route, parts = found
        call = Call(self.world, self.events, self.gate, self.violations, request, token, parts)
        wrong = self._judge(route, call)
        place = "/".join(request.path.split("/")[:4]) if request.writes else ""
        with self._one_writer(place, request), self.world.lock:
            return self._answered(route, call, wrong)

    def _moved(self, request: Request) -> Answer | None:
        """Return where a renamed repository is now, by its number."""
        owner, _, rest = request.path.removeprefix("/repos/").partition("/")
        name, _, rest = rest.partition("/")
        found = self.world.renamed.get(f"{owner}/{name}".lower())
        if found is None:
            return None
        location = f"{self.world.api}/repositories/{found.id}/{rest}".rstrip("/")
        message = "Moved Permanently" if request.method == "GET" else "Temporary Redirect"
        status = 301 if request.method == "GET" else 307
        value = {"message": message, "url": location, "documentation_url": DOCUMENTATION}
        return Answer(status, value, {"location": location})

    def _by_name(self, raw: str) -> str:
        number, _, rest = raw.removeprefix("/repositories/").partition("/")
        for found in self.world.repositories.values():
            if raw.startswith("/repositories/") and str(found.id) == number:
                return f"/repos/{found.full_name}/{rest}".rstrip("/")
        return raw

    def _answered(self, route: Route, call: Call, wrong: list[str]) -> Answer:
        try:
            _admit(route, call)
            if wrong:
                raise Refused(422, f"Invalid request.\n\n{wrong[0]}")
            answer = route.handler(call)
        except Refused as error:
            answer = error.answer()
        if isinstance(answer.value, bytes):
            return answer
        if answer.value is not None and answer.status < 400:
            answer.value = self.contract.answer(route.key, answer.status, answer.value)
        # What is refused may be refused anywhere; the description does not name every status everywhere.
        if answer.status < 400 or self.contract.describes(route.key, answer.status):
            faults = self.contract.response_errors(route.key, answer.status, answer.value)
            self.violations += [f"fake: answer to {' '.join(route.key)}: {error}" for error in faults]
        return _conditional(call.request, answer)

    def _judge(self, route: Route, call: Call) -> list[str]:
        """Note what must not be asked; return what cannot be accepted."""
        request, said = call.request, f"{call.request.method} {call.request.path}"
        wrong = self.contract.request_errors(route.key, request.query, request.body)
        unknown = self.contract.unknown(route.key, request.query, request.body)
        self.violations += [f"{said}: {error}" for error in (*wrong, *unknown)]
        return wrong

    def _one_writer(self, place: str, request: Request) -> "_Writing":
        return _Writing(self, place, f"{request.method} {request.path}")

    def _git(
        self, request: Request, token: Token | None, scope: Scope, headers: dict[str, str], body: bytes
    ) -> Answer:
        name, _, rest = request.path.strip("/").partition(".git/")
        service = request.query.get("service", rest)
        try:
            found = git_http.admitted(self.world, token, name, service)
        except Refused as error:
            more = {"www-authenticate": 'Basic realm="GitHub"'} if error.status == 401 else {}
            return Answer(error.status, f"{error.message}\n".encode(), {"content-type": "text/plain", **more})
        refused = self.world.folder / f"refused-{self.world.new_id()}"
        before = git.branches(found.path)
        query = scope["query_string"].decode()
        answer = git_http.serve(found, token, request.method, rest, query, headers, body, refused)
        if rest == "git-receive-pack":
            self._note_push(git_http.Pushed(found, before, git.branches(found.path)), token, refused)
        return answer

    def _note_push(self, pushed: git_http.Pushed, token: Token | None, refused: Path) -> None:
        assert token
        if refused.exists():
            for ref in refused.read_text().split():
                self.violations.append(f"the bot pushes {ref}")
            refused.unlink()
        if not pushed.moved:
            return
        with self.world.lock:
            for thread, before in pushed.repository.move_heads():
                target = next(
                    r for r in self.world.repositories.values() if r.threads.get(thread.number) is thread
                )
                self.events.tell(
                    "pull_request", "synchronize", target, token.user, thread=thread, before=before
                )

    def _blob(self, path: str, headers: dict[str, str]) -> Answer:
        if "authorization" in headers:
            self.violations.append("a token is sent to where logs lie")
            return Answer(
                403, b"<Error><Code>InvalidAuthenticationInfo</Code></Error>", {"content-type": "text/xml"}
            )
        with self.world.lock:
            for found in self.world.repositories.values():
                for _, _, job in found.jobs():
                    if path == f"/{found.full_name}/{job.id}":
                        return Answer(200, job.log.encode(), {"content-type": "text/plain; charset=utf-8"})
                for _, kept in found.artifacts():
                    if path == f"/{found.full_name}/{kept.id}":
                        return Answer(200, kept.content, {"content-type": "application/zip"})
        return Answer(404, b"<Error><Code>BlobNotFound</Code></Error>", {"content-type": "text/xml"})


class _Writing:
    """The time in which a write to a repository is being done; GitHub wants one after the other."""

    def __init__(self, forge: Forge, place: str, said: str) -> None:
        self._forge, self._place, self._said = forge, place, said

    def __enter__(self) -> None:
        writing = self._forge._writing
        if self._place and self._place in writing:
            self._forge.overlaps.append(f"{self._said} during {writing[self._place]}")
        if self._place:
            writing[self._place] = self._said

    def __exit__(self, *_: object) -> None:
        self._forge._writing.pop(self._place, None)


def _parsed(body: bytes) -> Any:
    if not body:
        return None
    try:
        return json.loads(body)
    except ValueError:
        return body.decode(errors="replace")


def _admit(route: Route, call: Call) -> None:
    """Raise Refused for whoever may not ask this."""
    if isinstance(call.request.body, str):
        raise Refused(400, "Problems parsing JSON")
    if route.needs == "app":
        if call.token is None or call.token.kind is not Kind.APP:
            raise Refused(401, "A JSON web token could not be decoded")
        return
    if call.token and call.token.kind is Kind.APP:
        raise Refused(403, "You must authenticate with an installation access token.")
    if route.needs:
        found = call.repository
        # A comment on a pull request can be made with the right to either.
        wanted = [route.needs, route.needs.replace("issues:", "pull_requests:")]
        if not any(may(call.token, found, needed) for needed in wanted):
            if call.token is None:
                raise Refused(401, "Requires authentication")
            raise Refused(403, "Resource not accessible by integration")


def _conditional(request: Request, answer: Answer) -> Answer:
    """Let an unchanged answer be 304, and let clients keep answers for a minute, as GitHub does."""
    if request.method != "GET" or answer.status != 200:
        return answer
    tag = f'W/"{hashlib.sha256(answer.encoded()).hexdigest()}"'
    answer.headers |= {"etag": tag, "cache-control": "private, max-age=60, s-maxage=60"}
    answer.headers["vary"] = "Accept, Authorization, Cookie, X-GitHub-OTP"
    if request.headers.get("if-none-match") == tag:
        return Answer(304, None, answer.headers)
    return answer


class Server:
    """A forge and its store of logs on two ports of this machine, in a thread of this process."""

    def __init__(self, forge: Forge) -> None:
        self._forge = forge
        self._sockets = [_listening(), _listening()]
        self.port, self.blob_port = (found.getsockname()[1] for found in self._sockets)
        config = uvicorn.Config(
            self._application,
            interface="asgi3",
            log_config=None,
            lifespan="off",
            ws="none",
            http="h11",
            proxy_headers=False,
            timeout_graceful_shutdown=1,
        )
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._serve, name="forge", daemon=True)

    def start(self) -> None:
        """Serve until `stop`."""
        self._thread.start()
        while not self._server.started:
            assert self._thread.is_alive(), "the forge could not start"
            time.sleep(0.005)

    def stop(self) -> None:
        """Close both ports and wait for the thread."""
        self._server.should_exit = True
        self._thread.join()
        for found in self._sockets:
            found.close()

    def _serve(self) -> None:
        asyncio.run(self._server.serve(sockets=self._sockets))

    async def _application(self, scope: Scope, receive: Receive, send: Send) -> None:
        body, more = b"", True
        while more:
            message = await receive()
            body, more = body + message.get("body", b""), message.get("more_body", False)
        blobs = scope["server"][1] == self.blob_port
        loop = asyncio.get_running_loop()
        try:
            answer, planned = await loop.run_in_executor(
                None, lambda: self._forge.receive(scope, body, blobs=blobs)
            )
        except BaseException as error:
            self._forge.violations.append(f"fake: {scope['method']} {scope['path']} fails: {error!r}")
            raise
        if planned is None or not await spoilt(planned, answer, send):
            headers = {
                "content-type": "application/json; charset=utf-8",
                **limited(planned),
                **answer.headers,
            }
            content = answer.encoded()
            headers["content-length"] = str(len(content))
            lines = [(name.lower().encode(), value.encode("latin-1")) for name, value in headers.items()]
            await send({"type": "http.response.start", "status": answer.status, "headers": lines})
            await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else content})


def _listening() -> socket.socket:
    # Without the number of its protocol asyncio leaves small packets waiting for each other.
    found = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    found.bind(("127.0.0.1", 0))
    found.listen(128)
    return found
