"""Who is signed in, where they work and as what is read with their session, anew each time."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from riskapp.models import Fracture, Membership, Organisation, Patient
from tests.web.record import ANSWERS, answer, figures

pytestmark = pytest.mark.django_db


def test_a_page_asks_who_is_signed_in_where_they_work_and_as_what_with_the_session(
    pages: Client, patient: Patient, django_assert_max_num_queries: Any
) -> None:
    pages.post(answer(patient), ANSWERS)
    with django_assert_max_num_queries(30) as asked:
        pages.post(answer(patient), ANSWERS)
    told = [one["sql"] for one in asked]
    for table in ("riskapp_membership", "riskapp_organisation"):
        assert not [sql for sql in told if f'FROM "{table}"' in sql]
    assert sum('FROM "riskapp_signinsession"' in sql for sql in told) == 1
    assert sum('FROM "auth_user"' in sql for sql in told) == 1


def test_a_change_of_roles_or_of_the_place_of_work_counts_at_once(
    pages: Client, patient: Patient, owner: User
) -> None:
    address = reverse("patient", args=[patient.pk])
    assert pages.get(address).status_code == 200
    elsewhere = Organisation.objects.create(name="Elsewhere")
    Membership.objects.filter(user=owner).update(organisation=elsewhere)
    assert pages.get(address).status_code == 404
    Membership.objects.filter(user=owner).update(
        organisation=patient.organisation, roles=["auditor"]
    )
    assert pages.get(address).status_code == 403
    Membership.objects.filter(user=owner).delete()
    assert pages.get(address).status_code == 403


def test_whoever_may_not_sign_in_any_more_is_signed_out_at_once(pages: Client, owner: User) -> None:
    assert pages.get("/").status_code == 200
    User.objects.filter(pk=owner.pk).update(is_active=False)
    assert pages.get("/").status_code == 302


def test_what_the_record_says_of_fractures_counts_at_once(
    pages: Client, patient: Patient, owner: User
) -> None:
    without = {name: text for name, text in ANSWERS.items() if "fracture" not in name}
    before = figures(pages.post(answer(patient), without).content)
    Fracture.objects.create(
        patient=patient, site="vertebra", is_fragility=True, happened_on="2025-01-02",
        precision="day", recorded_by=owner,
    )  # fmt: skip
    assert figures(pages.post(answer(patient), without).content) != before
