"""Files near others."""

import random

from agent.index.search.catalogue import Catalogue
from agent.index.search.proximity import Nearness


def test_ranks_worked_out_ahead_are_those_worked_out_when_asked(project):
    project.commit({f"m{number}.py": "" for number in range(40)})
    catalogue, chance = Catalogue(project.view()), random.Random(3)
    paths = list(catalogue.paths)
    edges = {
        path: {other: chance.randrange(1, 9) for other in chance.sample(paths, 5) if other != path}
        for path in paths
    }
    ahead, asked = Nearness(edges, {}, catalogue), Nearness(edges, {}, catalogue)
    for number in range(0, 40, 2):
        ahead.prepare(number)
    for _ in range(50):
        seeds = {number: chance.random() for number in chance.sample(range(40), 7)}
        assert list(ahead.rank(seeds))[:20] == list(asked.rank(seeds))[:20]


def test_a_file_is_nearest_to_itself_and_then_to_what_it_uses(project):
    project.commit({"a.py": "", "b.py": "", "c.py": "", "d.py": ""})
    catalogue = Catalogue(project.view())
    near = Nearness({"a.py": {"b.py": 3.0}, "b.py": {"c.py": 1.0}}, {}, catalogue)
    ranks = near.rank({catalogue.numbers["a.py"]: 1.0})
    assert [catalogue.paths[number] for number in ranks] == ["a.py", "b.py", "c.py"]
    assert Nearness({}, {}, catalogue).rank({}) == {}
