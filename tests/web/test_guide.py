"""The documentation within the laboratory."""

from collections.abc import Callable

import pytest
from django.contrib.auth.models import User
from django.test import Client

from riskapp.web.presenters.guide import guide
from riskapp.web.views.guide import PAGES

TEXT = """# Cohorts

A `table`, read by **us** and [others](elsewhere.md),
on two lines.

- one
  goes on
- two

| part | says |
| --- | --- |
| `a|b` | what |

```json
{"a": 1}
```
"""


def test_the_forms_of_a_page_are_told_apart() -> None:
    page = guide(TEXT)
    assert page.title == "Cohorts"
    assert [block.kind for block in page.blocks] == ["paragraph", "list", "table", "code"]
    paragraph, items, table, code = page.blocks
    assert [(span.kind, span.text) for span in paragraph.rows[0][0]] == [
        ("text", "A "),
        ("code", "table"),
        ("text", ", read by "),
        ("strong", "us"),
        ("text", " and "),
        ("text", "others"),
        ("text", ", on two lines."),
    ]
    assert [row[0][0].text for row in items.rows] == ["one goes on", "two"]
    assert [[cell[0].text for cell in row] for row in table.rows] == [
        ["part", "says"],
        ["a|b", "what"],
    ]
    assert code.text == '{"a": 1}\n'


@pytest.mark.django_db
def test_statisticians_read_every_page_and_no_mark_is_left(
    browser_of: Callable[[User], Client], statistician: User, owner: User
) -> None:
    browser = browser_of(statistician)
    for name in PAGES:
        shown = browser.get(f"/laboratory/guide/{name}/")
        assert shown.status_code == 200
        assert not {"`", "**", "| ---"} & set(shown.content.decode().split())
    assert browser.get("/laboratory/guide/no-such-page/").status_code == 404
    assert browser_of(owner).get("/laboratory/guide/words/").status_code == 403
