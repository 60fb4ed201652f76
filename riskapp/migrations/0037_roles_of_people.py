"""Roles in place of the one group there was: what people could do before, they can do after."""

from django.db import migrations, models

GROUP, PERMISSION = "Statisticians", "statistician"
# Kinds of programs whose accounts were made as KIND:NAME, without a password.
PROGRAMS = ("archive", "sender", "hl7", "bulk", "cds_client", "client")


def give_roles(apps, editor):
    Membership = apps.get_model("riskapp", "Membership")
    EhrAccount = apps.get_model("riskapp", "EhrAccount")
    ExternalIdentity = apps.get_model("riskapp", "ExternalIdentity")
    Group = apps.get_model("auth", "Group")
    User = apps.get_model("auth", "User")
    by_hand = User.objects.filter(user_permissions__codename=PERMISSION)
    by_group = User.objects.filter(groups__name=GROUP)
    statisticians = set(by_hand.values_list("pk", flat=True))
    statisticians |= set(by_group.values_list("pk", flat=True))
    people = set(EhrAccount.objects.values_list("user_id", flat=True))
    people |= set(ExternalIdentity.objects.values_list("user_id", flat=True))
    for one in Membership.objects.select_related("user").iterator():
        kind, colon, _ = one.user.username.partition(":")
        has_password = not one.user.password.startswith("!")
        if colon and kind in PROGRAMS and not has_password and one.user_id not in people:
            one.program, one.roles = kind, []
        else:
            one.roles = ["clinician"]
            one.roles += ["statistician"] * (one.user_id in statisticians)
            one.roles += ["administrator"] * one.user.is_superuser
        one.save(update_fields=["program", "roles"])
    Group.objects.filter(name=GROUP).delete()


def give_group(apps, editor):
    Membership = apps.get_model("riskapp", "Membership")
    ContentType = apps.get_model("contenttypes", "ContentType")
    Permission = apps.get_model("auth", "Permission")
    Group = apps.get_model("auth", "Group")
    kind, _ = ContentType.objects.get_or_create(app_label="riskapp", model="registeredmodel")
    words = {"name": "May train, approve, serve and retire models"}
    right, _ = Permission.objects.get_or_create(
        content_type=kind, codename=PERMISSION, defaults=words
    )
    group, _ = Group.objects.get_or_create(name=GROUP)
    group.permissions.add(right)
    for one in Membership.objects.iterator():
        if "statistician" in one.roles:
            group.user_set.add(one.user_id)


class Migration(migrations.Migration):

    dependencies = [
        ("riskapp", "0036_golden_estimates"),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("contenttypes", "0002_remove_content_type_name"),
    ]

    operations = [
        migrations.AddField(
            model_name="membership",
            name="program",
            field=models.CharField(blank=True, max_length=20),
        ),
        migrations.AddField(
            model_name="membership",
            name="roles",
            field=models.JSONField(default=list),
        ),
        migrations.AlterModelOptions(
            name="registeredmodel",
            options={"ordering": ["-registered_at"]},
        ),
        migrations.RunPython(give_roles, give_group),
    ]
