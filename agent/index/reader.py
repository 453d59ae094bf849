"""What the snapshots of one index read from its file and share: facts by blob, postings, words."""

from functools import lru_cache

from agent.index.connection import Database
from agent.index.pack import Columns, unpack_facts
from agent.index.postings import Postings
from agent.index.scopes import Scopes
from agent.index.vocabulary import Vocabulary
from agent.index.words import Splitter

_KEPT = 4096
_FACTS = "SELECT facts FROM facts WHERE number=?"
NOTHING = Scopes(Columns("", 0, False, (), ((), b"", b""), (), (), b"", ("B", b"")))
"""What is known of a skipped file."""


class Reader:
    """Reads one index file; valid until that is closed."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.vocabulary = Vocabulary(database)
        self.terms = Postings(database, "term")
        self.split = Splitter()
        self.scopes = lru_cache(_KEPT)(self._scopes)

    def _scopes(self, number: int) -> Scopes:
        row = self.database.execute(_FACTS, (number,)).fetchone()
        if not row:
            return NOTHING
        try:
            return Scopes(unpack_facts(row[0]))
        except ValueError as error:
            raise self.database.spoiled(str(error)) from error
