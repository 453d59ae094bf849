"""Edits carry bytes, so what JSON cannot hold must survive it."""

from pydantic import TypeAdapter

from agent.protocol.edit import Create, Delete, Edit, Splice

EDIT: TypeAdapter[Edit] = TypeAdapter(Edit)


def test_bytes_that_are_no_text_survive_the_json_form() -> None:
    every = bytes(range(256))
    splice = Splice(path="data.bin", start=0, old=every, new=every[::-1])
    assert Splice.model_validate_json(splice.model_dump_json()) == splice


def test_bytes_are_written_as_base64() -> None:
    splice = Splice(path="a.py", start=4, old=b"\xff\r\n", new=b"")
    assert splice.model_dump_json() == '{"kind":"splice","path":"a.py","start":4,"old":"_w0K","new":""}'


def test_the_kind_of_an_edit_is_read_from_its_tag() -> None:
    for edit in (
        Splice(path="a", start=1, old=b"x", new=b"y"),
        Create(path="a", content=b"x"),
        Delete(path="a", old=b"x"),
    ):
        assert EDIT.validate_json(EDIT.dump_json(edit)) == edit


def test_the_end_of_a_splice_counts_bytes() -> None:
    assert Splice(path="a", start=10, old="ü".encode(), new=b"").end == 12
