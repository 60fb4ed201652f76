"""Everybody of a hospital's record at once: its export asked for, waited for, fetched and read."""

import logging
import shutil
from datetime import timedelta
from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from riskapp.actions import auditing, leasing
from riskapp.actions.bulk_reading import read_one, said_by_the_server
from riskapp.actions.connecting import connections, service_account
from riskapp.actions.errors import Refused
from riskapp.actions.finding import organisation_of
from riskapp.actions.own_keys import own_signing_key
from riskapp.exchange.bulk.asking import AskLater, BulkProblem, Source, Token, backend_token
from riskapp.exchange.bulk.exporting import File, NotYet, dismiss, fetch, kick_off, look
from riskapp.exchange.bulk.limits import LARGEST_EXPORT_BYTES, READY_WITHIN_HOURS, TRIES
from riskapp.exchange.bulk.sorting import Lines
from riskapp.exchange.connection_ehr import EhrConnection
from riskapp.exchange.connections import Connections
from riskapp.models import BulkImport

log = logging.getLogger(__name__)
WAITS = (*(timedelta(seconds=seconds) for seconds in (5, 30, 120)), *[timedelta(minutes=15)] * 5)
UNKNOWN_EHR = "There is no [[ehr]] named {name!r} among the connections."
NO_GROUP = "Say which group; its id is needed."
CUT_OFF = "Reading the export was cut off too often."
UNFORESEEN = "Importing failed here; the log says where."
NEVER_READY = f"The export was not ready within {READY_WITHIN_HOURS} hours."


def ask_for(*, ehr: str, level: str, group: str = "", since: str = "") -> BulkImport:
    """Promise an import; where one of this record is under way already, it is that one.

    Raises
    ------
    Refused
        If there is no such record, or a group is not named.
    UnusableConnection
        If the file of connections cannot be used.
    """
    connection = _connection(ehr)
    if connection is None:
        raise Refused({"ehr": UNKNOWN_EHR.format(name=ehr[:60])})
    if level == BulkImport.Level.GROUP and not group:
        raise Refused({"group": NO_GROUP})
    by = service_account("bulk", ehr, connection.organisation)
    with transaction.atomic():
        open_ones = BulkImport.objects.filter(organisation=organisation_of(by), ehr=ehr)
        known = open_ones.exclude(status__in=[BulkImport.Status.DONE, BulkImport.Status.DEAD])
        if found := known.first():
            return found
        made = BulkImport.objects.create(
            organisation=organisation_of(by),
            ehr=ehr,
            level=level,
            group=group,
            since=since,
            asked_by=by,
            run_after=timezone.now(),
        )
        auditing.record(by=by, action="bulk.ask", target=made.id)
    return made


def import_next(worker: str) -> bool:
    """Work on the next import that is due; False if there was none."""
    work = leasing.claim(BulkImport, worker, _taken)
    if work is None:
        return False
    try:
        with leasing.Heartbeat(work):
            _advance(work)
    except leasing.TakenOver:
        log.info("Bulk import %s is another worker's now", work.id)
    except AskLater as reason:
        _try_later(work, str(reason))
    except BulkProblem as reason:
        _end(work, str(reason))
    # The outermost edge: one import's fault must not keep the others waiting.
    except Exception:
        log.exception("Bulk import %s failed", work.id)
        _try_later(work, UNFORESEEN)
    except BaseException:
        leasing.give_back(work)
        raise
    return True


def begin_again(work: BulkImport, by: str) -> bool:
    """Ask anew for an export that was given up; False while another of the record is under way."""
    ended = [BulkImport.Status.DONE, BulkImport.Status.DEAD]
    of_the_record = BulkImport.objects.filter(organisation=work.organisation, ehr=work.ehr)
    if of_the_record.exclude(status__in=ended).exists():
        return False
    fresh = {"status_url": "", "progress": "", "files": [], "reached": "", "looks": 0, "counts": {}}
    return leasing.revive(work, by, **fresh)


def folder_of(work: BulkImport) -> Path:
    return Path(settings.DATA_DIR) / "bulk" / str(work.id)


def _taken(work: BulkImport) -> bool:
    # Each failure and each look took a claim too; what is left are workers that ended.
    if work.claims - work.failures - work.looks > leasing.MOST_CLAIMS:
        _bury(work, CUT_OFF)
        return False
    return True


def _advance(work: BulkImport) -> None:
    """Go on from wherever the import stands."""
    connection = _connection(work.ehr)
    if connection is None:
        raise BulkProblem(UNKNOWN_EHR.format(name=work.ehr))
    source = source_of(connection)
    tokens = _Tokens(source)
    if not work.status_url:
        work.status_url = kick_off(
            source, tokens.current(), level=work.level, group=work.group, since=work.since
        )
        _keep(work, "status_url")
    if not work.files and not _ready(work, source, tokens):
        return
    folder = folder_of(work)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    _fetch_all(work, source, tokens, folder)
    _read_all(work, connection, folder)
    dismiss(source, tokens.current(), work.status_url)
    shutil.rmtree(folder, ignore_errors=True)
    with transaction.atomic():
        if leasing.finish(work, problem=""):
            _audit(work, "bulk.done")


def source_of(connection: EhrConnection) -> Source:
    """Whom to ask for an export, and by which key; without a client id, without a token."""
    own = own_signing_key() if connection.bulk_client_id else None
    return Source(
        name=connection.name,
        base=connection.base,
        origins=connection.origins,
        client_id=connection.bulk_client_id,
        token_endpoint=connection.bulk_token_endpoint,
        scope=connection.bulk_scope,
        kid=own.kid if own else "",
        key=own.private if own else None,
    )


class _Tokens:
    """One token, asked for anew before it ends."""

    def __init__(self, source: Source) -> None:
        self._source, self._token = source, Token(until=0.0)

    def current(self) -> str:
        if self._token.is_over:
            self._token = backend_token(self._source)
        return self._token.value


def _ready(work: BulkImport, source: Source, tokens: _Tokens) -> bool:
    """Whether the manifest is here; else the import is given back until it may be."""
    found = look(source, tokens.current(), work.status_url)
    if isinstance(found, NotYet):
        if timezone.now() - work.asked_at > timedelta(hours=READY_WITHIN_HOURS):
            raise BulkProblem(NEVER_READY)
        work.progress, work.looks = found.progress, work.looks + 1
        _keep(work, "progress", "looks")
        leasing.give_back(work, timezone.now() + timedelta(seconds=found.wait_s))
        return False
    kinds = (("resources", found.files), ("error", found.errors), ("deleted", found.deleted))
    work.files = [
        {"kind": kind, "url": file.url, "name": f"{kind}-{number}.ndjson", "is_here": False}
        for kind, files in kinds
        for number, file in enumerate(files)
    ]
    work.needs_token, work.transaction_time = found.requires_token, found.transaction_time[:40]
    work.counts = {"imported": 0, "registered": 0, "broken_lines": 0, "said": [], "left_out": {}}
    _keep(work, "files", "needs_token", "transaction_time", "counts")
    if not work.files:
        # Nothing has changed since; there is nothing to fetch or read.
        with transaction.atomic():
            if leasing.finish(work, problem=""):
                _audit(work, "bulk.done")
        return False
    return True


def _fetch_all(work: BulkImport, source: Source, tokens: _Tokens, folder: Path) -> None:
    room = LARGEST_EXPORT_BYTES - sum(path.stat().st_size for path in folder.glob("*.ndjson"))
    for file in work.files:
        if file["is_here"]:
            continue
        token = tokens.current() if work.needs_token else ""
        room -= fetch(source, token, File("", file["url"]), folder / file["name"], room)
        file["is_here"] = True
        work.failures = 0
        _keep(work, "files", "failures")


def _read_all(work: BulkImport, connection: EhrConnection, folder: Path) -> None:
    index = folder / "lines.sqlite3"
    index.unlink(missing_ok=True)
    lines = Lines(index)
    try:
        for file in work.files:
            if file["kind"] == "resources":
                lines.add(folder / file["name"])
        lines.finish()
        work.counts["broken_lines"] = lines.broken
        work.counts["said"] = said_by_the_server(work, folder)
        for own_id in lines.patients(after=work.reached):
            with transaction.atomic():
                read_one(work, connection, own_id, lines)
                work.reached = own_id[:200]
                _keep(work, "reached", "counts")
    finally:
        lines.close()


def _connection(name: str) -> EhrConnection | None:
    known: Connections = connections()
    return known.named(EhrConnection, name)


def _keep(work: BulkImport, *fields: str) -> None:
    """Write down how far it is, if it is still ours.

    Raises
    ------
    TakenOver
    """
    if not leasing.held(work).update(**{name: getattr(work, name) for name in fields}):
        raise leasing.TakenOver


def _try_later(work: BulkImport, problem: str) -> None:
    with transaction.atomic():
        if leasing.try_again(work, problem, WAITS) is False:
            _bury(work, f"{problem} It was tried {TRIES} times.")


def _end(work: BulkImport, problem: str) -> None:
    with transaction.atomic():
        if leasing.held(work).exists():
            _bury(work, problem)


def _bury(work: BulkImport, problem: str) -> None:
    leasing.bury(work, problem, problem=problem)
    shutil.rmtree(folder_of(work), ignore_errors=True)
    _audit(work, "bulk.give_up")


def _audit(work: BulkImport, action: str) -> None:
    auditing.record(by=work.asked_by, action=action, target=work.id, organisation=work.organisation)
