"""The life of a model: registered, in shadow, approved by a second person, serving, retired."""

from dataclasses import dataclass

from django.contrib.auth.models import User
from django.db import IntegrityError, transaction
from django.utils import timezone

from riskapp.actions import auditing
from riskapp.actions.errors import Refused
from riskapp.actions.finding import organisation_of
from riskapp.actions.laboratory_finding import model as find_model
from riskapp.actions.permitting import check_statistician
from riskapp.actions.serving import LIVE, outdated, reads, site_columns
from riskapp.models import LaboratoryRun, Organisation, RegisteredModel, ServedModel, StatusChange
from riskapp.modelstore import StoredModel, UnknownModel, engine_named, load
from riskapp.modelstore.golden import golden
from riskapp.risk.evidence_sets import fingerprint

Status = RegisteredModel.Status
WHY_LETTERS = 500
SAME_PERSON = (
    "You trained this model, so somebody else has to approve it: a second pair of eyes is the "
    "point."
)


@dataclass(frozen=True, slots=True)
class Step:
    """What may be done with a model: from which states, to which, and how it is audited."""

    before: tuple[str, ...]
    after: str
    action: str


STEPS = {
    "shadow": Step((Status.TRAINED,), Status.SHADOW, "model.shadow"),
    "approve": Step((Status.TRAINED, Status.SHADOW), Status.APPROVED, "model.approve"),
    "serve": Step((Status.APPROVED,), Status.SERVING, "model.serve"),
    "withdraw": Step((Status.SERVING,), Status.APPROVED, "model.withdraw"),
    "retire": Step(
        (Status.TRAINED, Status.SHADOW, Status.APPROVED, Status.SERVING),
        Status.RETIRED,
        "model.retire",
    ),
}


def stored(model: RegisteredModel) -> StoredModel:
    """The model's folder, exactly as it was registered.

    Raises
    ------
    UnknownModel
        If the folder is missing or was changed, its manifest included.
    """
    found = load(model.model_id)
    if found.sha256 != model.sha256:
        raise UnknownModel(
            f"Model {model.model_id} was changed after it was registered: its manifest is another."
        )
    return found


def problem_with(model: RegisteredModel) -> str:
    """Why the model's folder is refused, in a sentence; empty if it is as it was registered."""
    try:
        stored(model)
    except UnknownModel as changed:
        return str(changed)
    return ""


def add(
    *,
    by: User,
    model_id: str,
    organisation: Organisation | None = None,
    run: LaboratoryRun | None = None,
    why: str,
) -> RegisteredModel:
    """Register a model folder; call it inside the transaction of what made it.

    Raises
    ------
    UnknownModel
        If there is no such folder, or it does not match its hashes.
    """
    found = load(model_id)
    model = RegisteredModel.objects.create(
        organisation=organisation or organisation_of(by),
        model_id=found.model_id,
        engine=found.engine,
        trained_on=found.trained_on,
        sha256=found.sha256,
        evidence=fingerprint(),
        run=run,
        trained_by=by,
    )
    StatusChange.objects.create(model=model, by=by, after=model.status, why=why[:WHY_LETTERS])
    auditing.record(
        by=by, action="model.register", target=model.id, organisation=model.organisation
    )
    return model


def adopt(*, by: User, model_id: str) -> RegisteredModel:
    """Register a folder that was trained at a shell, in the name of who answers for it.

    Raises
    ------
    Refused
        If it is registered already.
    UnknownModel
        If there is no such folder, or it does not match its hashes.
    """
    check_statistician(by)
    try:
        with transaction.atomic():
            return add(by=by, model_id=model_id, why="Trained at a shell.")
    except IntegrityError as taken:
        raise Refused({"model_id": f"Model {model_id} is registered already."}) from taken


def possible(by: User, model: RegisteredModel) -> dict[str, str]:
    """What can be done with a model now; a sentence where this user may not, else empty."""
    offered = {name: "" for name, step in STEPS.items() if _follows(model, name, step)}
    if "approve" in offered and model.trained_by_id == by.pk:
        offered["approve"] = SAME_PERSON
    return offered


def _follows(model: RegisteredModel, name: str, step: Step) -> bool:
    """Whether a step follows from where a model is; on new evidence, approval does once more."""
    again = name == "approve" and model.status in (Status.APPROVED, Status.SERVING)
    return model.status in step.before or (again and bool(outdated(model)))


@transaction.atomic
def change(*, by: User, model: RegisteredModel, step: str, why: str) -> RegisteredModel:
    """Take a model one step on, with the reason, in one transaction with its audit row.

    Raises
    ------
    NotAllowed, NotFound
        If the user is no statistician, or of another organisation.
    Refused
        If the model is not in a state for it, its folder was changed, the reason is missing, or
        who trained it would approve it.
    """
    model = find_model(by=by, id=model.id)
    do = STEPS.get(step)
    if do is None:
        raise Refused({"step": f"A step is one of {', '.join(STEPS)}."})
    why = _reason(why)
    if not _follows(model, step, do):
        needed = " or ".join(do.before)
        raise Refused({"step": f"The model is {model.status}; to {step} it, it must be {needed}."})
    _check(by, model, step)
    _change_status(by, model, do, why)
    if step == "serve":
        _take_over(by, model)
    else:
        ServedModel.objects.filter(model=model).delete()
    return model


def _check(by: User, model: RegisteredModel, step: str) -> None:
    if step == "approve" and model.trained_by_id == by.pk:
        raise Refused({"step": SAME_PERSON})
    problem = "" if step in ("retire", "withdraw") else problem_with(model)
    if not problem and STEPS[step].after in LIVE:
        problem = outdated(model) or _reads_otherwise(model)
    if problem:
        raise Refused({"step": problem})


def _reads_otherwise(model: RegisteredModel) -> str:
    """Why a model cannot answer beside the others: people are asked one thing by one name."""
    asked = {column.name: column for column in site_columns(model.organisation_id)}
    for column in reads(model):
        before = asked.get(column.name, column)
        if not column.means_the_same(before):
            return (
                f"It reads {column.name} in another way than models that answer now: in "
                f"{column.ucum}, and they in {before.ucum}. Withdraw or retire those first."
            )
    return ""


def _change_status(by: User, model: RegisteredModel, do: Step, why: str) -> None:
    now = timezone.now()
    fields: dict[str, object] = {"status": do.after}
    if do.after == Status.SHADOW:
        fields["shadow_since"] = now
    if do.action == "model.approve":
        engine = engine_named(model.engine, model_id=model.model_id)
        fields |= {
            "approved_by": by,
            "approved_at": now,
            "evidence": fingerprint(),
            "golden": golden(engine, model.sha256),
        }
    # Conditional, so that of two who decide at once only one does.
    same = RegisteredModel.objects.filter(id=model.id, status=model.status)
    if not same.update(**fields):
        raise Refused({"step": "Somebody else changed the model just now; load the page again."})
    StatusChange.objects.create(model=model, by=by, before=model.status, after=do.after, why=why)
    auditing.record(by=by, action=do.action, target=model.id)
    model.refresh_from_db()


def _take_over(by: User, model: RegisteredModel) -> None:
    """Answer for the engine from now on, and let the model that did so step back."""
    now_served = ServedModel.objects.filter(organisation=model.organisation, engine=model.engine)
    for one in now_served.select_related("model"):
        one.delete()
        _change_status(by, one.model, STEPS["withdraw"], f"{model.model_id} serves in its place.")
    ServedModel.objects.create(organisation=model.organisation, engine=model.engine, model=model)


def _reason(why: str) -> str:
    text = " ".join(why.split())
    if not text:
        raise Refused({"why": "Say why, in a few words: it is kept with the model."})
    if len(text) > WHY_LETTERS:
        raise Refused({"why": f"The reason has {len(text)} characters; at most {WHY_LETTERS} fit."})
    if not text.isprintable():
        raise Refused({"why": "The reason contains characters that cannot be stored."})
    return text
