"""The daemon's log: JSON lines in a file that is rotated, without secrets."""

import logging
import logging.handlers
import re
from collections.abc import Mapping, MutableMapping
from pathlib import Path
from typing import Any

import structlog

FOLDER, FILE = "logs", "daemon.log"
_LARGEST = 10 * 1024 * 1024
_KEPT = 5
_SECRET_KEYS = re.compile(r"token|secret|password|authorization|api_?key|cookie", re.IGNORECASE)
_SECRETS = re.compile(
    r"(?P<keep>Bearer\s+|://[^/\s:@]*:)[^\s@\"']+"
    r"|\b(?:gh[pousr]_|github_pat_|glpat-|sk-|xox[abp]-|AKIA)[A-Za-z0-9_\-]{8,}",
    re.IGNORECASE,
)
_HIDDEN = "[redacted]"

Log = structlog.stdlib.BoundLogger


def open_log(state: Path) -> Log:
    """Write the log below a state directory from now on, the HTTP server's own messages included."""
    folder = state / FOLDER
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    handler = logging.handlers.RotatingFileHandler(
        folder / FILE, maxBytes=_LARGEST, backupCount=_KEPT, encoding="utf-8"
    )
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[structlog.stdlib.add_logger_name, *_common()],
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.format_exc_info,
                _redact,
                structlog.processors.JSONRenderer(),
            ],
        )
    )
    # A disk that is full must not take the daemon down with its log.
    logging.raiseExceptions = False
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(logging.INFO)
    structlog.configure(
        processors=[*_common(), structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        wrapper_class=structlog.stdlib.BoundLogger,
        logger_factory=structlog.stdlib.LoggerFactory(),
    )
    log: Log = structlog.get_logger("ratchet")
    return log


def _common() -> list[Any]:
    return [
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.EventRenamer("message"),
    ]


def _redact(_: object, __: str, entry: MutableMapping[str, Any]) -> Mapping[str, Any]:
    return {key: _HIDDEN if _SECRET_KEYS.search(key) else redacted(value) for key, value in entry.items()}


def redacted(value: Any) -> Any:
    """Return a value without what looks like a secret."""
    if isinstance(value, str):
        return _SECRETS.sub(lambda found: (found["keep"] or "") + _HIDDEN, value)
    if isinstance(value, Mapping):
        return {key: redacted(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [redacted(each) for each in value]
    return value
