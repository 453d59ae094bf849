"""How a text is taken apart before anything is searched."""

from agent.index.search.query import LONGEST, read_query
from agent.index.search.stems import forms, stem
from agent.index.search.traces import Frame, read_frames

ISSUE = """Reader crashes on `Dataset.walk`

<!-- Please search for duplicates of SECRETWORD first -->
We were parsing files, see [the log](https://example.org/IGNOREDWORD) and src/pydicom/filereader.py.
It says "unknown transfer syntax in header".

```python
ds = dcmread("x.dcm")
```
"""


def test_a_comment_of_the_issue_form_and_a_link_say_nothing():
    terms = read_query(ISSUE).terms
    assert "secretword" not in terms
    assert "ignoredword" not in terms


def test_the_title_weighs_more_than_the_prose_and_the_prose_more_than_a_listing():
    terms = read_query(ISSUE).terms
    assert terms["crashes"] > terms["files"] > terms["dcmread"] > 0


def test_what_is_spelled_like_code_is_taken_for_a_name():
    names = read_query(ISSUE).names
    assert names["Dataset.walk"] == 1.0
    assert names["walk"] > names["dcmread"] > 0
    assert "files" not in names


def test_words_side_by_side_are_joined_as_code_would_but_not_across_a_sentence():
    joined = read_query("Man page builder\n\nThe front-matter is lost. Pages break.").joined
    assert joined["manpage"] == joined["man_page"] == joined["man_page_builder"] > joined["frontmatter"] > 0
    assert "lostpages" not in joined
    assert "isit" not in read_query("is it").joined


def test_a_word_without_end_is_no_trouble():
    assert read_query("a" * LONGEST).joined == {}


def test_a_query_of_a_word_or_two_names_symbols():
    assert read_query("fetch").names == {"fetch": 1.0}


def test_paths_and_messages_are_found_in_the_prose():
    query = read_query(ISSUE)
    assert "src/pydicom/filereader.py" in query.paths
    assert query.quoted == ("unknown transfer syntax in header",)


def test_nothing_at_all_is_a_query_too():
    for text in ("", " \n", "```", "<!--", "\0\udcff"):
        assert read_query(text).frames == ()


def test_only_the_start_of_an_endless_text_is_looked_at():
    assert "late" not in read_query("word " * (LONGEST // 5 + 1) + "late").terms


def test_a_python_trace_is_read_from_the_innermost_call():
    text = (
        "Traceback (most recent call last):\n"
        '  File "/home/me/app.py", line 3, in <module>\n'
        '  File "C:\\site-packages\\lib\\reader.py", line 12, in read\nValueError: x\n'
    )
    assert read_frames(text) == (
        Frame("C:/site-packages/lib/reader.py", 12, "read"),
        Frame("/home/me/app.py", 3, "<module>"),
    )


def test_frames_of_other_runners_and_languages_are_read():
    text = """
        at org.acme.io.Reader.open(Reader.java:40)
        at parse (/srv/app/lib/parse.js:10:5)
        lib/reader.rb:7:in `read_all'
        tests/test_x.py:15: in test_it
        at Acme.Reader.Open(String path) in /src/Reader.cs:line 31
        thread 'main' panicked at src/main.rs:2:10
    """
    assert set(read_frames(text)) == {
        Frame("org/acme/io/Reader.java", 40, "open"),
        Frame("/srv/app/lib/parse.js", 10, "parse"),
        Frame("lib/reader.rb", 7, "read_all"),
        Frame("tests/test_x.py", 15, "test_it"),
        Frame("/src/Reader.cs", 31, "Open"),
        Frame("src/main.rs", 2, ""),
    }


def test_forms_of_a_word_share_its_stem():
    assert stem("parsing") == stem("parse") == stem("parses") == stem("parsed")
    assert {"query", "queried"} & set(forms("queries"))
    assert "running" in forms("run") or "runs" in forms("running")
    assert "formatting" in forms("formatted")
    assert forms("dcm2") == forms("abc") == forms("été") == ()
