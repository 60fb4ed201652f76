"""What a web worker has read before its first request, and what it never reads."""

import json
import os
import subprocess
import sys

ASKED = """
import gc, json, sys
import riskapp.wsgi
from riskapp.exchange.clinical_codes import standard_codes
from riskapp.risk.published import read
warm = all(one.cache_info().currsize for one in (standard_codes, read)) and gc.get_freeze_count()
from riskapp.modelstore import ENGINES, engine_named
before = "riskapp.web.views.assessments" in sys.modules
for name in ENGINES:
    engine_named(name)
fitting = ("xgboost", "lightgbm", "torch", "shap", "sklearn", "lifelines", "pandas", "scipy.stats")
print(json.dumps([before, warm > 0, [name for name in fitting if name in sys.modules]]))
"""


def test_pages_and_tables_are_read_before_the_first_request_and_what_fits_models_never() -> None:
    told = subprocess.run(
        [sys.executable, "-c", ASKED],
        env=os.environ | {"DJANGO_SETTINGS_MODULE": "tests.settings"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert json.loads(told.stdout) == [True, True, []]
