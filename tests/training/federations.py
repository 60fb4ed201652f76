"""Made-up sites for tests of training together."""

import numpy as np

from riskapp.training.federated.plan import Plan
from riskapp.training.federated.site import Site
from riskapp.training.federated.together import Federation
from riskapp.training.sums.learner import Learner
from riskapp.training.sums.people_sums import PeopleRows

SECRET = bytes(range(32))
EDGES = tuple(float(year) for year in range(11))
NAMES = ("east", "north", "south")


def plan(engine="cox", sites=NAMES, **changed):
    settings = {
        "folds": 2,
        "rounds": 12,
        "bins": 16,
        "eta": 0.1,
        "lambda": 1.0,
        "min_child_weight": 5.0,
    }
    told = {
        "study": "made up",
        "sites": sites,
        "engine": engine,
        "causes": ("hip",),
        "columns": {"age": (-4.0, 4.0), "t_score": (-4.0, 4.0), "factor": (-0.5, 1.5)},
        "bands_years": EDGES,
        "read": ("age", "t_score", "factor"),
        "populations": ("gb",),
        "settings": settings,
        "seed": 5,
    }
    return Plan(**(told | changed))


def people(n, seed):
    rng = np.random.default_rng(seed)
    rows = rng.normal(size=(n, 3))
    rows[:, 2] = rng.random(n) < 0.3
    hazard = 0.03 * np.exp(0.5 * rows[:, 0])
    happened = rng.exponential(1 / (hazard * np.exp(-0.6 * rows[:, 1] + 0.4 * rows[:, 2])))
    left = rng.uniform(1, 14, n)
    years = np.minimum(happened, left)
    at_risk = np.clip(years[:, None] - np.arange(10), 0, 1)
    return PeopleRows(
        rows=rows,
        terms=rows,
        reference=np.column_stack([np.ones(n), rows[:, 0], rows[:, 2], rows[:, 0] * rows[:, 2]]),
        owners=np.arange(n),
        weights=np.ones(n),
        event_years={"hip": np.where(happened <= left, happened, np.inf)},
        expected={"hip": at_risk * hazard[:, None]},
    )


def stacked(parts):
    joined = {
        name: np.concatenate([getattr(part, name) for part in parts])
        for name in ("rows", "terms", "reference", "weights")
    }
    return PeopleRows(
        **joined,
        owners=np.arange(len(joined["rows"])),
        event_years={"hip": np.concatenate([part.event_years["hip"] for part in parts])},
        expected={"hip": np.concatenate([part.expected["hip"] for part in parts])},
    )


PARTS = {name: people(600 + 150 * i, i) for i, name in enumerate(NAMES)}


def sites_of(agreed, parts=PARTS, secret=SECRET):
    return [Site(name, agreed, secret, parts[name]) for name in agreed.sites]


def federation(agreed, sites=None):
    own = sites_of(agreed) if sites is None else sites
    together = Federation(agreed, lambda question: [site.answer(question) for site in own])
    return Learner(agreed.learning, together.total, 3)
