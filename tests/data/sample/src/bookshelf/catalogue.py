"""The books on the shelf."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Book:
    title: str
    author: str
    year: int


@dataclass
class Catalogue:
    books: list = field(default_factory=list)

    def add(self, book):
        """Put a book on the shelf; the same book twice is an error."""
        if book in self.books:
            raise ValueError(f"{book.title} is already on the shelf")
        self.books.append(book)

    def by_author(self, author):
        """Return the books of an author, oldest first."""
        return sorted((b for b in self.books if b.author == author), key=lambda b: b.year)

    def search(self, words):
        """Return the books whose title holds every word, whatever the case."""
        wanted = words.lower().split()
        return [b for b in self.books if all(word in b.title.lower() for word in wanted)]
