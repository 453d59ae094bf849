import pytest

from bookshelf.catalogue import Book, Catalogue

EMMA = Book("Emma", "Jane Austen", 1815)
PERSUASION = Book("Persuasion", "Jane Austen", 1817)
DRACULA = Book("Dracula", "Bram Stoker", 1897)


@pytest.fixture
def catalogue():
    shelf = Catalogue()
    for book in (PERSUASION, DRACULA, EMMA):
        shelf.add(book)
    return shelf


def test_books_of_an_author_come_oldest_first(catalogue):
    assert catalogue.by_author("Jane Austen") == [EMMA, PERSUASION]


def test_an_unknown_author_has_no_books(catalogue):
    assert catalogue.by_author("Nobody") == []


def test_search_ignores_case(catalogue):
    assert catalogue.search("dracULA") == [DRACULA]


def test_a_book_is_not_added_twice(catalogue):
    with pytest.raises(ValueError):
        catalogue.add(EMMA)
