"""Which releases and models have answered an organisation, without going through every answer."""

from datetime import datetime

from django.contrib.auth.models import User
from django.db import connection

from riskapp.actions import finding
from riskapp.actions.closed_records import closed_to
from riskapp.actions.confining import confined_to
from riskapp.actions.permitting import Ability, needs
from riskapp.models import Assessment

# From each release and choice of models the index leads to the next one, and within it to the
# earliest answer that is open; SQLite and PostgreSQL find what is distinct by going through it all.
FIRST_OF_EACH = """
    WITH RECURSIVE kind (software_version, model_ids) AS (
        SELECT * FROM (
            SELECT software_version, model_ids FROM riskapp_assessment WHERE organisation_id = %s
            ORDER BY software_version, model_ids LIMIT 1
        ) AS earliest
        UNION ALL
        SELECT following.software_version, following.model_ids
        FROM kind JOIN riskapp_assessment AS following ON following.id = COALESCE(
            (
                SELECT id FROM riskapp_assessment
                WHERE organisation_id = %s
                AND software_version = kind.software_version AND model_ids > kind.model_ids
                ORDER BY model_ids LIMIT 1
            ),
            (
                SELECT id FROM riskapp_assessment
                WHERE organisation_id = %s AND software_version > kind.software_version
                ORDER BY software_version, model_ids LIMIT 1
            )
        )
    )
    SELECT found.id, found.software_version, found.model_ids, found.created_at
    FROM kind JOIN riskapp_assessment AS found ON found.id = (
        SELECT id FROM riskapp_assessment
        WHERE organisation_id = %s
        AND software_version = kind.software_version AND model_ids = kind.model_ids
        {closed}
        ORDER BY created_at LIMIT 1
    )
    ORDER BY found.created_at
"""


@needs(Ability.READ_ASSESSMENTS)
def first_of_each(*, by: User) -> list[tuple[str, dict[str, str], datetime]]:
    """Releases, with model id by engine, that gave an answer which is open to somebody.

    Each with when it gave the earliest of them, in that order; some may stand there twice.
    """
    if confined_to(by) is not None:  # one patient has few
        found = finding.assessments(by=by).order_by("created_at")
        return list(found.values_list("software_version", "model_ids", "created_at"))
    closed, parameters = "", ()
    if not (those := closed_to(by).query).is_empty():
        hidden, parameters = those.sql_with_params()
        closed = f"AND patient_id NOT IN ({hidden})"
    home = finding.organisation_of(by).pk
    ours = Assessment._meta.get_field("organisation").get_db_prep_value(home, connection)
    statement = FIRST_OF_EACH.format(closed=closed)
    rows = Assessment.objects.raw(statement, (*4 * (ours,), *parameters))
    return [(one.software_version, one.model_ids, one.created_at) for one in rows]
