"""All routes of the fake forge; the first that fits a path answers it."""

from tests.forge.routes import apps, commits, pulls, repositories, reviews, runs, threads

_SUBJECTS = (apps, runs, commits, reviews, pulls, threads, repositories)
# A word of the path comes before a name that would fit it too.
ROUTES = sorted(
    (route for subject in _SUBJECTS for route in subject.TABLE.routes),
    key=lambda route: route.key[1].count("{"),
)
