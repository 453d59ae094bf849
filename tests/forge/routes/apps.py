"""The App itself: its installations, tokens and deliveries."""

import secrets
import time
from datetime import UTC, datetime

from tests.forge.exchange import Answer, Call, Refused, Table
from tests.forge.shapes import commits, people, runs
from tests.forge.tokens import HOUR, Kind, Token
from tests.forge.world import Kept, stamp

TABLE = Table()


@TABLE.on("GET", "/app", "app")
def myself(call: Call) -> Answer:
    """Answer with the App."""
    assert call.token and call.token.app
    return Answer(200, {**commits.app(call.world, call.token.app), "installations_count": 1})


@TABLE.on("GET", "/app/installations", "app")
def installations(call: Call) -> Answer:
    """Answer with where the App is installed."""
    assert call.token and call.token.app
    return call.paged([runs.installation(call.world, call.gate.installation, call.token.app)])


@TABLE.on("GET", "/app/installations/{installation_id}", "app")
def installation(call: Call) -> Answer:
    """Answer with an installation."""
    assert call.token and call.token.app
    return Answer(200, runs.installation(call.world, _installation(call), call.token.app))


@TABLE.on("GET", "/repos/{owner}/{repo}/installation", "app")
def installation_of(call: Call) -> Answer:
    """Answer with the installation that a repository belongs to."""
    found = call.world.repository(f"{call.parts['owner']}/{call.parts['repo']}")
    if found is None or not found.installed:
        raise Refused(404, "Not Found")
    assert call.token and call.token.app
    return Answer(200, runs.installation(call.world, call.gate.installation, call.token.app))


def _installation(call: Call) -> int:
    if call.number("installation_id") != call.gate.installation:
        raise Refused(404, "Not Found")
    return call.gate.installation


@TABLE.on("POST", "/app/installations/{installation_id}/access_tokens", "app")
def token(call: Call) -> Answer:
    """Make a token for an hour, for no more than the App has."""
    number, body, app = _installation(call), call.body, call.gate.app
    wanted = body.get("permissions") or dict(app.permissions)
    for name, level in wanted.items():
        if app.permissions.get(name) not in (level, "write"):
            raise Refused(422, "The permissions requested are not granted to this installation.")
    named = _named(call)
    made = Token(
        f"ghs_{secrets.token_hex(18)}",
        Kind.INSTALLATION,
        app.user,
        app.id,
        number,
        {"metadata": "read", **wanted},
        named,
        int(time.time() + HOUR) if call.gate.lifetime is None else time.time() + call.gate.lifetime,
    )
    call.gate.keep(made)
    shape: people.Shape = {
        "token": made.text,
        "expires_at": stamp(made.expires),
        "permissions": dict(made.permissions),
        "repository_selection": "all" if named is None else "selected",
    }
    if named is not None:
        chosen = [call.world.repositories[name] for name in sorted(named)]
        shape["repositories"] = [people.repository(call.world, found) for found in chosen]
    return Answer(201, shape)


def _named(call: Call) -> frozenset[str] | None:
    """Return the repositories that a token is wanted for, in lower case; None for all."""
    names, ids = call.body.get("repositories"), call.body.get("repository_ids")
    if names is None and ids is None:
        return None
    installed = [found for found in call.world.repositories.values() if found.installed]
    chosen = [r for r in installed if r.name in (names or ()) or r.id in (ids or ())]
    if not chosen or len(chosen) < len(set(names or ())) or len(chosen) < len(set(ids or ())):
        raise Refused(
            422,
            "There is at least one repository that does not exist or is not accessible.",
        )
    return frozenset(found.full_name.lower() for found in chosen)


@TABLE.on("GET", "/installation/repositories")
def repositories(call: Call) -> Answer:
    """Answer with the repositories that a token of an installation is for."""
    if call.user and call.token and call.token.kind is not Kind.INSTALLATION:
        raise Refused(
            403,
            "You must authenticate with an installation access token.",
        )
    assert call.token
    kept = [
        r
        for r in call.world.repositories.values()
        if r.installed and (call.token.repositories is None or r.full_name.lower() in call.token.repositories)
    ]
    shapes = [people.repository(call.world, found) for found in kept]
    return Answer(200, {"total_count": len(kept), "repositories": shapes})


@TABLE.on("GET", "/app/hook/deliveries", "app")
def deliveries(call: Call) -> Answer:
    """Answer with deliveries, newest first; pages go by cursor."""
    query = call.request.query
    size, after = int(query.get("per_page", "30")), int(query.get("cursor", "0"))
    kept = [one for one in reversed(call.world.deliveries) if not after or one.id <= after]
    if query.get("status"):
        kept = [one for one in kept if (200 <= one.status < 300) == (query["status"] == "success")]
    headers = {}
    if len(kept) > size:
        url = f"{call.world.api}/app/hook/deliveries?per_page={size}&cursor={kept[size].id}"
        headers["Link"] = f'<{url}>; rel="next"'
    return Answer(200, [runs.delivery(one) for one in kept[:size]], headers)


def _delivery(call: Call) -> Kept:
    for one in call.world.deliveries:
        if one.id == call.number("delivery_id"):
            return one
    raise Refused(404, "Not Found")


@TABLE.on("GET", "/app/hook/deliveries/{delivery_id}", "app")
def delivery(call: Call) -> Answer:
    """Answer with a delivery, its request and the answer to it."""
    return Answer(200, runs.delivery(_delivery(call), whole=True))


@TABLE.on("POST", "/app/hook/deliveries/{delivery_id}/attempts", "app")
def redeliver(call: Call) -> Answer:
    """Send a delivery again, with its old GUID."""
    kept = _delivery(call)
    if datetime.now(UTC).timestamp() - kept.at > 3 * 24 * HOUR:
        raise Refused(422, "The delivery is too old to be sent again.")
    call.events.again(kept)
    return Answer(202, {})
