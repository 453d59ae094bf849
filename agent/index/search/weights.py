"""How much each ranking counts, by its name in the parts of a score."""

FIRST = {
    "words": 1.0,
    "symbols": 0.5,
    "trace": 1.0,
    "paths": 1.0,
    "names": 0.5,
    "joined": 0.5,
    "phrases": 1.0,
    "history": 0.5,
}
"""Weights of the rankings that choose the files whose definitions are looked into."""
OF_FILES = {
    "words": 1.0,
    "title": 0.6,
    "definitions": 0.5,
    "best": 1.0,
    "symbols": 0.5,
    "trace": 0.5,
    "paths": 0.5,
    "names": 0.5,
    "joined": 1.0,
    "phrases": 0.5,
    "path_words": 0.3,
    "graph": 0.5,
    "history": 0.6,
}
"""Weights of the rankings of files."""
OF_UNITS = {"words": 1.0, "symbols": 0.25, "trace": 0.5, "phrases": 0.5}
"""Weights of the rankings of definitions."""
OF_ITS_FILE = 1.0
"""What a definition in the best file gets for being there."""
