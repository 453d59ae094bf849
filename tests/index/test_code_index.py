"""The index of a repository as it changes: working tree, revisions, branches, ignored files."""

from agent.index.facts import MODULE, Kind

LIBRARY = 'class Parser:\n    """Reads."""\n\n    def feed(self, text):\n        return text\n'
USE = "from library import Parser\n\n\ndef use():\n    return Parser().feed('x')\n"


def test_a_committed_file_can_be_asked(project):
    project.commit({"library.py": LIBRARY})
    view = project.view()
    symbol = view.find("Parser.feed")[0]
    assert (symbol.path, symbol.kind, symbol.start_line, symbol.end_line) == (
        "library.py",
        Kind.METHOD,
        4,
        5,
    )
    assert view.definitions("library.py")[0].doc == "Reads."
    assert view.definition_at("library.py", 5).qualname == "Parser.feed"
    assert view.read("library.py") == LIBRARY.encode()
    assert view.files()["library.py"].language == "python"


def test_a_dirty_file_lies_over_the_commit(project):
    commit = project.commit({"library.py": LIBRARY})
    project.write({"library.py": LIBRARY.replace("feed", "eat"), "fresh.py": "def fresh(): pass\n"})
    view = project.view()
    assert not view.find("feed")
    assert [s.path for s in view.find("eat") + view.find("fresh")] == ["library.py", "fresh.py"]
    assert view.commit == commit
    assert project.view(commit).find("feed")
    assert not project.view(commit).find("fresh")


def test_a_removed_file_is_gone_and_a_staged_one_is_there(project):
    project.commit({"library.py": LIBRARY, "use.py": USE})
    (project.root / "use.py").unlink()
    project.write({"staged.py": "def staged(): pass\n"})
    project.git("add", "staged.py")
    view = project.view()
    assert "use.py" not in view.files()
    assert view.find("staged")
    assert not view.find("use")


def test_a_branch_switch_indexes_only_what_differs(project):
    project.commit({f"part{number}.py": f"def part{number}(): pass\n" for number in range(30)})
    project.view()
    project.git("checkout", "-q", "-b", "other")
    project.commit({"part3.py": "def changed(): pass\n"})
    done = []
    view = project.open().view(None, lambda count, total: done.append(total))
    assert set(done) == {1}
    assert view.find("changed") and not view.find("part3")
    project.git("checkout", "-q", "main")
    done.clear()
    assert project.open().view(None, lambda count, total: done.append(total)).find("part3")
    assert not done


def test_a_revision_knows_nothing_newer_than_itself(project):
    old = project.commit({"library.py": LIBRARY})
    project.commit({"library.py": LIBRARY + "\n\ndef later(): pass\n", "later.py": "later = 1\n"})
    view = project.view(old)
    assert project.view().find("later")
    assert not view.find("later")
    assert view.posting("later").files == []
    assert list(view.references("later")) == []
    assert "later.py" not in view.files()


def test_ignored_files_stay_out(project):
    project.commit({".gitignore": "out/\n", ".ratchetignore": "data/*.py\n!node_modules/\n"})
    project.write(
        {
            "out/a.py": "def ignored_by_git(): pass\n",
            "data/b.py": "def ignored_by_us(): pass\n",
            "vendor/c.py": "def vendored(): pass\n",
            "node_modules/d.py": "def wanted_back(): pass\n",
        }
    )
    view = project.view()
    assert "out/a.py" not in view.files()
    assert view.files()["data/b.py"].skipped == "ignored"
    assert view.files()["vendor/c.py"].skipped == "vendored"
    assert view.find("wanted_back")
    assert not any(view.find(name) for name in ("ignored_by_git", "ignored_by_us", "vendored"))


def test_the_same_bytes_under_two_names_are_stored_once_and_found_twice(project):
    project.commit({"one.py": LIBRARY, "two.py": LIBRARY, "three.js": "class Parser {}\n"})
    view = project.view()
    assert [s.path for s in view.find("Parser")] == ["one.py", "two.py", "three.js"]
    assert project.open().status().files == 4


def test_references_leave_out_strings_comments_and_definitions(project):
    source = "def feed():\n    # feed\n    'feed'\n\n\nfeeder = feed\nfeed()\nx.feed = 1\n"
    project.commit({"a.py": source, "notes.md": "feed\n"})
    found = [(r.path, r.line, r.column, r.definition) for r in project.view().references("feed")]
    assert found == [("a.py", 6, 10, 1), ("a.py", 7, 1, MODULE), ("a.py", 8, 3, MODULE)]


def test_substrings_are_found_through_words_and_verified_on_the_bytes(project):
    project.commit({"a.py": "total_cost = get_cost(1) + 2\n", "b.py": "cost = 1\n", "c.md": "->\n"})
    view = project.view()
    assert view.containing(b"al_cost = get_c") == ["a.py"]
    assert view.containing(b"cost") == ["a.py", "b.py"]
    assert view.containing(b"ost = ") == ["a.py", "b.py"]
    assert view.containing(b"->") == ["c.md"]
    assert view.containing(b"cost = 2") == []


def test_terms_split_names_and_count_by_file_and_definition(project):
    project.commit({"a.py": "def getHTTPCode():\n    return http_code\n\n\nhttp = code = 1\n"})
    view = project.view()
    file = view.paths.index("a.py")
    assert dict(zip(view.posting("http").files, view.posting("http").counts, strict=True)) == {file: 3}
    assert view.posting("gethttpcode").files == [file]
    by_owner = {document.definition: document.counts for document in view.documents("a.py")}
    assert by_owner[0]["http"] == 2
    assert by_owner[1]["http"] == 1


def test_status_says_whether_everything_is_indexed(project):
    project.commit({"library.py": LIBRARY, "use.py": USE})
    before = project.open().status()
    assert not before.fresh and before.missing == 3
    project.view()
    after = project.open().status()
    assert after.fresh
    assert after.languages == {"python": 2, "markdown": 1}
    assert after.symbols == 4
    assert after.references == 3
    assert after.bytes_source == len(LIBRARY) + len(USE) + len("# Project\n")


def test_a_second_process_finds_what_the_first_wrote(project):
    project.commit({"library.py": LIBRARY})
    project.view()
    done = []
    view = project.reopen().view(None, lambda count, total: done.append(count))
    assert view.find("Parser") and not done


def test_many_small_changes_are_merged_and_old_blobs_collected(project):
    for number in range(20):
        project.write({"changing.py": f"def step{number}(): pass\n"})
        project.view()
    project.open().collect()
    view = project.view()
    assert view.find("step19") and not view.find("step18")
    assert view.containing(b"step19") == ["changing.py"]
    packs = project.open()._database.execute("SELECT count(*) FROM pack").fetchone()[0]
    assert packs < 5


def test_a_snapshot_made_of_dirty_files_can_be_asked_as_a_revision(project):
    project.commit({"library.py": LIBRARY})
    project.write({"library.py": LIBRARY.replace("feed", "eat")})
    from agent.repo.store import Store

    snapshot = Store.open(project.root, project.state).snapshot()
    assert project.view(snapshot.commit).find("eat")


def test_an_edited_file_is_searchable_without_asking_git(project):
    project.commit({"library.py": LIBRARY, "twin.py": LIBRARY, "use.py": USE})
    before = project.view()
    project.write({"library.py": LIBRARY.replace("feed", "eat")})
    after = project.open().changed(before, ["library.py"])
    assert [s.path for s in after.find("eat")] == ["library.py"]
    assert [s.path for s in after.find("feed")] == ["twin.py"]
    assert [s.path for s in before.find("feed")] == ["library.py", "twin.py"]
    project.write({"library.py": LIBRARY, "new.py": "def new(): pass\n"})
    assert [s.path for s in project.open().changed(after, ["library.py"]).find("feed")] == [
        "library.py",
        "twin.py",
    ]
    assert project.open().changed(after, ["new.py"]).find("new")
