"""Cohorts, runs and models that can be looked up, by statisticians of the own organisation."""

from uuid import UUID

from django.contrib.auth.models import User
from django.db.models import QuerySet

from riskapp.actions.finding import one_of, organisation_of
from riskapp.actions.permitting import check_statistician
from riskapp.models import CohortFile, LaboratoryRun, Organisation, RegisteredModel


def _organisation(by: User) -> Organisation:
    check_statistician(by)
    return organisation_of(by)


def cohorts(*, by: User) -> QuerySet[CohortFile]:
    """Cohorts of the user's organisation, newest first."""
    return CohortFile.objects.filter(organisation=_organisation(by)).select_related("uploaded_by")


def cohort(*, by: User, id: UUID | str) -> CohortFile:
    return one_of(cohorts(by=by), id, "There is no such cohort.")


def runs(*, by: User) -> QuerySet[LaboratoryRun]:
    """Runs of the user's organisation, newest first."""
    return LaboratoryRun.objects.filter(organisation=_organisation(by)).select_related(
        "asked_by", "cohort"
    )


def trainings(*, by: User) -> QuerySet[LaboratoryRun]:
    """Of the runs, those that make models."""
    kinds = [LaboratoryRun.Kind.TRAIN, LaboratoryRun.Kind.RECALIBRATE]
    return runs(by=by).filter(kind__in=kinds).prefetch_related("models")


def training(*, by: User, id: UUID | str) -> LaboratoryRun:
    return one_of(trainings(by=by), id, "There is no such training run.")


def run(*, by: User, id: UUID | str) -> LaboratoryRun:
    return one_of(runs(by=by), id, "There is no such run.")


def models(*, by: User) -> QuerySet[RegisteredModel]:
    """Registered models of the user's organisation, newest first."""
    return RegisteredModel.objects.filter(organisation=_organisation(by)).select_related(
        "trained_by", "approved_by", "run__cohort"
    )


def model(*, by: User, id: UUID | str) -> RegisteredModel:
    return one_of(models(by=by), id, "There is no such model.")
