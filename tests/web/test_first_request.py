"""What a web worker has read before its first request, and what it never reads."""

import json
import os
import subprocess
import sys

ASKED = """
import json, sys
import riskapp.wsgi
from riskapp.modelstore import ENGINES, engine_named
before = "riskapp.web.views.assessments" in sys.modules
for name in ENGINES:
    engine_named(name)
fitting = ("xgboost", "lightgbm", "torch", "shap", "sklearn", "lifelines", "pandas", "scipy.stats")
print(json.dumps([before, [name for name in fitting if name in sys.modules]]))
"""


def test_pages_are_read_before_the_first_request_and_what_fits_models_never() -> None:
    told = subprocess.run(
        [sys.executable, "-c", ASKED],
        env=os.environ | {"DJANGO_SETTINGS_MODULE": "tests.settings"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert json.loads(told.stdout) == [True, []]
