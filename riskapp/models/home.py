"""Whose a row is, kept on the row itself: lists of an organisation are then found in one index."""

from functools import reduce
from typing import Any

from django.db import models, transaction
from django.db.models import OuterRef, Subquery

AT_ONCE = 2_000


class HomeOf(models.ForeignKey):  # type: ignore[type-arg]
    """The organisation of what a row belongs to, written whenever the row is saved.

    Parameters
    ----------
    of : str
        The way from the row to what has an organisation, such as ``patient``.
    """

    def __init__(self, *args: Any, of: str = "patient", **kwargs: Any) -> None:
        self.of = of
        # Empty only while a migration fills it: on SQLite a column that may not be would have
        # the whole table written anew.
        kwargs |= {"null": True, "editable": False, "db_index": False, "related_name": "+"}
        kwargs |= {"on_delete": models.PROTECT, "to": "riskapp.Organisation"}
        super().__init__(*args, **kwargs)

    def deconstruct(self) -> Any:
        name, path, args, kwargs = super().deconstruct()
        for fixed in ("null", "editable", "db_index", "related_name", "on_delete", "to"):
            kwargs.pop(fixed, None)
        return name, path, args, {**kwargs, "of": self.of}

    def pre_save(self, model_instance: models.Model, add: bool) -> Any:
        owner: Any = reduce(getattr, self.of.split("."), model_instance)
        setattr(model_instance, self.attname, owner.organisation_id)
        return owner.organisation_id


def fill(get_model: Any) -> int:
    """Write it on rows that have none: of before there was one, or of a version before this one.

    In parts, so that nobody waits long for their turn to write. ``get_model`` gives a model by its
    name, as migrations know it.
    """
    patient = get_model("Patient").objects.filter(pk=OuterRef("patient"))
    row = get_model("WorklistRow").objects.filter(pk=OuterRef("row"))
    owners = {"Scan": patient, "Assessment": patient, "WorklistRow": patient, "Wait": row}
    done = 0
    for name, owner in owners.items():
        rows = get_model(name).objects
        homeless = rows.filter(organisation=None).order_by().values_list("pk", flat=True)
        while some := list(homeless[:AT_ONCE]):
            with transaction.atomic():
                home = Subquery(owner.values("organisation"))
                done += rows.filter(pk__in=some).update(organisation=home)
    return done
