"""Fans events and progress of tasks out to whoever follows them; nobody who reads slowly holds it up."""

import asyncio
import contextlib
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field

from agent.daemon.pieces import joined
from agent.engine.errors import NoSuchTask, StoreUnavailable
from agent.protocol.control import RetryRequested
from agent.protocol.event import Event, TaskFinished

LIMIT = 256
"""Messages that may wait for one subscriber."""
LARGEST = 8 * 1024 * 1024
"""Characters that they may have together; a single message may have any number."""
POLL_SECONDS = 1.0
"""How long an event of another daemon may go unnoticed."""

ReadEvents = Callable[[str, int], Awaitable[Sequence[Event]]]
"""From a task and a `seq` to the events after it."""
ReadNewest = Callable[[Sequence[str]], Awaitable[dict[str, int]]]
"""From tasks to the `seq` of the newest event of each; tasks that are gone are left out."""


@dataclass(frozen=True, slots=True)
class Message:
    """One message of an event stream."""

    event: str
    data: str
    seq: int | None = None
    ends: bool | None = None
    """True and False when the task is finished, or open again, from here on."""

    def encode(self) -> bytes:
        """Return it in the format of server-sent events."""
        number = "" if self.seq is None else f"id: {self.seq}\n"
        return f"{number}event: {self.event}\ndata: {self.data}\n\n".encode()


def task_message(event: Event) -> Message:
    """Return a recorded event as a message."""
    ends = True if isinstance(event.body, TaskFinished) else None
    if isinstance(event.body, RetryRequested):
        ends = False
    return Message("task", event.model_dump_json(), event.seq, ends)


@dataclass(eq=False, slots=True)
class Subscriber:
    """One reader of one task."""

    task_id: str
    queued: int | None = None
    """`seq` of the newest event that was sent or waits here; None while the past is being sent."""
    waiting: deque[Message] = field(default_factory=deque)
    changed: asyncio.Event = field(default_factory=asyncio.Event)
    closed: bool = False
    _size: int = 0
    _slow: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def is_slow(self) -> bool:
        """True once more waits than a reader that keeps up would leave."""
        return self._slow.is_set()

    async def until_slow(self) -> None:
        """Return when the reader has to be dropped."""
        await self._slow.wait()

    async def next(self) -> Message | None:
        """Return the next message; None when the stream is to be closed."""
        while not self.waiting and not self.closed:
            self.changed.clear()
            await self.changed.wait()
        if self.closed:
            return None
        message = self.waiting.popleft()
        self._size -= len(message.data)
        return message

    def put(self, message: Message) -> None:
        """Add a message, or close the stream of a reader that does not keep up."""
        if message.seq is not None:
            self.queued = message.seq
        elif self.waiting and self.waiting[-1].seq is None:
            # Progress that nobody has seen yet becomes one with newer progress.
            message = self._with_newest(message)
        self.waiting.append(message)
        self._size += len(message.data)
        if len(self.waiting) > LIMIT or (self._size > LARGEST and len(self.waiting) > 1):
            self._slow.set()
            self.close()
        self.changed.set()

    def _with_newest(self, message: Message) -> Message:
        both = joined(self.waiting[-1].data, message.data)
        if both is None:
            return message
        self._size -= len(self.waiting.pop().data)
        return Message(message.event, both)

    def close(self) -> None:
        """End the stream; the reader comes back and goes on where it stopped."""
        self.closed = True
        self.waiting.clear()
        self.changed.set()


@dataclass(eq=False, slots=True)
class _Topic:
    subscribers: set[Subscriber] = field(default_factory=set)
    known: int = 0
    """The largest `seq` anybody spoke of."""
    reading: asyncio.Task[None] | None = None

    def lag(self) -> int | None:
        """Return the `seq` from which to read for those who lack an event; None when nobody does."""
        behind = [s.queued for s in self.subscribers if s.queued is not None and s.queued < self.known]
        return min(behind) if behind else None


class Hub:
    """The subscribers of all tasks; lives in the event loop's thread."""

    def __init__(self, read_events: ReadEvents, read_newest: ReadNewest) -> None:
        self._read_events = read_events
        self._read_newest = read_newest
        self._topics: dict[str, _Topic] = {}
        self._closed = False

    @property
    def subscribers(self) -> int:
        """Return how many streams are open."""
        return sum(len(topic.subscribers) for topic in self._topics.values())

    def attach(self, task_id: str) -> Subscriber:
        """Begin to collect for a reader; it calls `caught_up` once it has sent the past."""
        subscriber = Subscriber(task_id, closed=self._closed)
        self._topics.setdefault(task_id, _Topic()).subscribers.add(subscriber)
        return subscriber

    def caught_up(self, subscriber: Subscriber, seq: int) -> None:
        """Send a reader what comes after `seq` from now on."""
        subscriber.queued = seq
        self.published(subscriber.task_id, seq)

    def detach(self, subscriber: Subscriber) -> None:
        """Forget a reader."""
        topic = self._topics.get(subscriber.task_id)
        if topic is not None:
            topic.subscribers.discard(subscriber)
            if not topic.subscribers:
                del self._topics[subscriber.task_id]

    def published(self, task_id: str, seq: int) -> None:
        """Say that a task has an event of this number; who lacks it gets it from the store."""
        topic = self._topics.get(task_id)
        if topic is None:
            return
        topic.known = max(topic.known, seq)
        if topic.reading is None and topic.lag() is not None:
            topic.reading = asyncio.create_task(self._read(task_id, topic))

    def progress(self, task_id: str, data: str) -> None:
        """Pass a live update on; it is JSON and stored nowhere."""
        topic = self._topics.get(task_id)
        for subscriber in list(topic.subscribers) if topic else ():
            if subscriber.queued is not None:
                subscriber.put(Message("progress", data))

    async def poll(self) -> None:
        """Look for events that nobody announced, until cancelled."""
        while True:
            # Many streams must not keep the database busy.
            await asyncio.sleep(max(POLL_SECONDS, 0.005 * len(self._topics)))
            with contextlib.suppress(StoreUnavailable):
                await self._poll_once()

    def close(self) -> None:
        """End every stream."""
        self._closed = True
        for topic in self._topics.values():
            for subscriber in topic.subscribers:
                subscriber.close()

    async def _poll_once(self) -> None:
        followed = list(self._topics)
        newest = await self._read_newest(followed) if followed else {}
        for task_id in followed:
            if task_id in newest:
                self.published(task_id, newest[task_id])
            elif task_id in self._topics:
                for subscriber in self._topics[task_id].subscribers:
                    subscriber.close()

    async def _read(self, task_id: str, topic: _Topic) -> None:
        try:
            while (after := topic.lag()) is not None:
                events = await self._read_events(task_id, after)
                if not events:
                    return
                _deliver(topic, [task_message(event) for event in events])
        except (StoreUnavailable, NoSuchTask):
            # The next look finds what is missing, or that the task is gone.
            return
        finally:
            topic.reading = None


def _deliver(topic: _Topic, messages: Sequence[Message]) -> None:
    topic.known = max(topic.known, *(message.seq or 0 for message in messages))
    for subscriber in topic.subscribers:
        for message in messages:
            if subscriber.queued is not None and message.seq == subscriber.queued + 1:
                subscriber.put(message)
