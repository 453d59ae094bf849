"""What the daemon counts, as Prometheus reads it."""

from collections.abc import Mapping

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from starlette.types import Scope

MEDIA_TYPE = CONTENT_TYPE_LATEST
_STEP_SECONDS = (0.01, 0.1, 0.5, 1, 5, 15, 60, 300, 1800)
_HTTP_SECONDS = (0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5)


class Metrics:
    """The counters of one daemon; nothing is shared between two of them."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        registry = self._registry
        self._tasks = Gauge("ratchet_tasks", "Open tasks", ["status"], registry=registry)
        self._steps = Histogram(
            "ratchet_step_seconds",
            "Steps that this daemon's workers recorded",
            ["type"],
            buckets=_STEP_SECONDS,
            registry=registry,
        )
        self.subscribers = Gauge("ratchet_sse_clients", "Open event streams", registry=registry)
        self.dropped = Counter("ratchet_sse_dropped", "Streams closed: slow reader", registry=registry)
        self.leases_lost = Counter(
            "ratchet_leases_lost", "Tasks taken from owners that died or fell silent", registry=registry
        )
        self.workers = Gauge("ratchet_workers", "Worker processes", registry=registry)
        self.worker_deaths = Counter(
            "ratchet_worker_deaths", "Worker processes that ended by themselves", registry=registry
        )
        self._requests = Histogram(
            "ratchet_http_seconds",
            "Requests",
            ["method", "route", "status"],
            buckets=_HTTP_SECONDS,
            registry=registry,
        )

    def step(self, kind: str, seconds: float) -> None:
        """Count a recorded step."""
        self._steps.labels(kind).observe(seconds)

    def request(self, scope: Scope, status: int, seconds: float) -> None:
        """Count a request, under its route so that ids make no labels."""
        route = scope.get("route")
        path = getattr(route, "path", None)
        # A method that no route has is whatever the client made up.
        method = scope["method"] if path else "other"
        self._requests.labels(method, path or "other", str(status)).observe(seconds)

    def text(self, tasks: Mapping[str, int]) -> bytes:
        """Return everything in the exposition format."""
        for status, count in tasks.items():
            self._tasks.labels(status).set(count)
        return generate_latest(self._registry)
