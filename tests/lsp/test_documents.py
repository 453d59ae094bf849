"""Who listens hears of every document that is opened, changed and closed."""

from lsp.text.document import Change, Encoding, Place
from lsp.text.documents import Documents


def test_listeners_hear_of_every_document_and_then_see_it_as_it_is() -> None:
    told: list[str] = []
    heard: list[tuple[str, str | None]] = []
    documents = Documents(told.append)

    def hear(uri: str) -> None:
        document = documents.get(uri)
        heard.append((uri, document.text if document else None))

    stop = documents.listen(hear)
    documents.open("a", 1, "one", Encoding.UTF16)
    documents.change("a", 2, [Change("two")])
    documents.change("b", 2, [Change("not open")])
    assert [one.uri for one in documents] == ["a"]
    documents.close("a")
    documents.close("a")
    stop()
    documents.open("a", 1, "three", Encoding.UTF16)
    assert heard == [("a", "one"), ("a", "two"), ("a", None)]
    assert told == []


def test_an_impossible_edit_is_told_once_and_opening_again_heals() -> None:
    told: list[str] = []
    documents = Documents(told.append)
    documents.open("a", 1, "one", Encoding.UTF16)
    for version in (2, 3):
        documents.change("a", version, [Change("x", Place(5, 0), Place(5, 0))])
    assert len(told) == 1
    assert "open it again" in told[0]
    documents.open("a", 4, "one", Encoding.UTF16)
    documents.change("a", 5, [Change("x", Place(0, 0), Place(0, 0))])
    document = documents.get("a")
    assert document is not None
    assert (document.text, document.desynced, document.version) == ("xone", "", 5)
