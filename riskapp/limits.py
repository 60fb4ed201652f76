"""Every limit on what comes in, in one table: where it stands, what is answered, what tries it.

The value stands beside the code that obeys it, and is looked up there when the table is shown
(docs/limits.md), so that no two can differ. Rates are a table of their own (``riskapp.rates``).
"""

from dataclasses import dataclass
from functools import reduce
from importlib import import_module
from typing import Any

from riskapp.rates import RATES


@dataclass(frozen=True, slots=True)
class Limit:
    """One limit.

    Attributes
    ----------
    where : str
        Module and name, as ``imaging.limits:LIMITS.files``.
    test : str
        File and function that try it, just within and just beyond.
    """

    means: str
    where: str
    unit: str
    answered: str
    test: str

    @property
    def value(self) -> Any:
        module, _, name = self.where.partition(":")
        return reduce(getattr, name.split("."), import_module(module))


GUNICORN, SETTINGS = "riskapp.gunicorn_settings:", "riskapp.settings:"
SCAN = "imaging.limits:LIMITS."
WEB = "tests/operation/test_web_server.py::test_"
DRIPS = WEB + "a_request_that_drips_is_cut_off_and_others_are_served"
ARCHIVE = "riskapp.exchange.archive.limits:ARCHIVE_LIMITS."
INTAKE, PICTURES = "tests/imaging/test_intake.py::test_", "tests/imaging/test_limits.py::test_"
REFUSED, TOO_LARGE = "the scan is refused in a sentence", "413"
SECTIONS: dict[str, tuple[Limit, ...]] = {
    "A request": (
        Limit("its first line", GUNICORN + "limit_request_line", "bytes", "414",
              WEB + "a_line_and_headers_have_a_longest_length"),
        Limit("its headers", GUNICORN + "limit_request_fields", "", "431",
              WEB + "a_line_and_headers_have_a_longest_length"),
        Limit("one header", GUNICORN + "limit_request_field_size", "bytes", "431",
              WEB + "a_line_and_headers_have_a_longest_length"),
        Limit("time until its headers are there", "riskapp.serving_worker:HEADERS_S", "s",
              "the connection is cut", DRIPS),
        Limit("time for its body, and more by what of it has come",
              "riskapp.serving_worker:BODY_S", "s", "the connection is cut",
              DRIPS),
        Limit("requests that wait in one process before programs are put off",
              "riskapp.shedding:MOST_WAITING_BULK", "", "503 and Retry-After",
              "tests/operation/test_shedding.py::test_programs_are_put_off_before_people_and_health_never"),
        Limit("and before people are", "riskapp.shedding:MOST_WAITING", "", "503 and Retry-After",
              "tests/operation/test_shedding.py::test_programs_are_put_off_before_people_and_health_never"),
        Limit("threads of a process that bulk work may hold", SETTINGS + "BULK_THREADS", "",
              "503 and Retry-After",
              "tests/operation/test_shedding.py::test_bulk_work_leaves_a_thread_to_people"),
        Limit("a body that is no upload", SETTINGS + "DATA_UPLOAD_MAX_MEMORY_SIZE", "bytes",
              TOO_LARGE,
              "tests/api/test_problems.py::test_a_body_over_the_limit_is_refused_unread"),
        Limit("profiles of one request", "riskapp.risk.limits:PROFILES_PER_REQUEST", "", TOO_LARGE,
              "tests/api/test_scores.py::test_a_thousand_profiles_are_taken_and_one_more_is_not"),
        Limit("explaining in one request", "riskapp.actions.scoring:WORK_PER_REQUEST",
              "answers with reasons", TOO_LARGE,
              "tests/api/test_scores.py::test_more_explaining_than_a_request_can_wait_for_is_refused_at_once"),
        Limit("rows of one page of a list", "riskapp.api.pages:MOST", "", "400",
              "tests/api/test_pages_of_lists.py::test_a_page_has_its_bounds"),
        Limit("webhooks of an organisation", "riskapp.actions.webhooks:MOST", "", "400",
              "tests/api/test_webhooks.py::test_an_address_is_registered_once_and_only_so_many"),
        Limit("resources of one FHIR record", "riskapp.exchange.fhir.limits:MOST_RESOURCES", "",
              "the record is refused in a sentence",
              "tests/api/test_fhir_assess.py"),
        Limit("patients decrypted for one FHIR search", "riskapp.actions.fhir.rows:MOST_OPENED",
              "", "400", "tests/api/test_fhir_search.py::test_only_so_many_are_decrypted"),
        Limit("values of one FHIR search", "riskapp.api.fhir.parameters:MOST_VALUES", "", "400",
              "tests/api/test_fhir_search.py::test_a_search_names_so_many_values_and_no_more"),
    ),
    "The site": (
        Limit("passkeys of one person", "riskapp.actions.passkeys:MOST", "", "400, with a sentence",
              "tests/web/test_passkeys.py::test_ten_are_enough"),
        Limit("what a passkey's device answers", "riskapp.exchange.passkeys:LONGEST_ANSWER",
              "letters", "it is not believed",
              "tests/exchange/test_passkey_answers.py::test_an_answer_has_a_longest_length"),
        Limit("age of a service's word that somebody signed out",
              "riskapp.exchange.sign_in.logout_token:OLDEST_SECONDS", "s", "400; a minute is "
              "allowed for clocks",
              "tests/web/test_logout_from_there.py::"
              "test_a_word_that_is_not_the_services_or_not_of_now_ends_nothing"),
        Limit("room on the disk beside an upload", "riskapp.actions.readiness:LEAST_FREE_BYTES",
              "bytes", "503 and Retry-After",
              "tests/operation/test_shedding.py::test_uploads_are_put_off_while_there_is_no_room"),
        Limit("room below which workers take nothing", "riskapp.actions.troubles:WORK_NEEDS_BYTES",
              "bytes", "work waits",
              "tests/operation/test_clock.py::test_workers_take_work_while_there_is_room_for_it"),
        Limit("and when a full disk is asked again",
              "riskapp.actions.troubles:NO_ROOM.again_after_s", "s", "507 and Retry-After",
              "tests/web/test_troubles.py"),
        Limit("and a database that is away", "riskapp.actions.troubles:AWAY.again_after_s", "s",
              "503 and Retry-After", "tests/web/test_troubles.py"),
        Limit("how long a worker waits then", "riskapp.management.patience:WAIT_S", "s",
              "work waits", "tests/web/test_troubles.py"),
        Limit("how long a report is laid out", "riskapp.exchange.printing_apart:LONGEST_S", "s",
              "400, with a sentence",
              "tests/exchange/test_printing_apart.py::test_what_takes_too_long_is_ended"),
        Limit("reports of one process that lays them out",
              "riskapp.exchange.printing_apart:PRINTS", "", "another process takes over",
              "tests/exchange/test_printing_apart.py::"
              "test_some_prints_and_another_process_takes_over"),
        Limit("how far clocks may differ", "riskapp.actions.leasing:CLOCKS_DIFFER_S", "s",
              "told on every page and at /health/ready",
              "tests/operation/test_clock.py::test_a_clock_that_is_behind_the_trail_is_told"),
        Limit("scans that wait to be measured", "riskapp.actions.readiness:MOST_QUEUED_SCANS", "",
              "503 and Retry-After",
              "tests/operation/test_shedding.py::test_uploads_are_put_off_while_there_is_no_room"),
        Limit("how long a scan waits before it is told", "riskapp.actions.readiness:OLDEST_SCAN_S",
              "s", "`degraded` at /health/ready",
              "tests/operation/test_watching.py::test_a_scan_that_waits_too_long_is_told"),
        Limit("how long a worker may be silent", "riskapp.actions.alive:GONE_AFTER_S", "s",
              "`degraded` at /health/ready",
              "tests/operation/test_watching.py::test_a_worker_is_gone_when_its_touches_stay_away"),
    ),
    "A scan": (
        Limit("files of an upload", SCAN + "files", "", "400",
              "tests/actions/test_importing_scan.py::test_limits_are_met_exactly_and_not_exceeded_by_one"),
        Limit("bytes of an upload", SCAN + "upload_bytes", "bytes", TOO_LARGE,
              "tests/actions/test_importing_scan.py::test_limits_are_met_exactly_and_not_exceeded_by_one"),
        Limit("one file", SCAN + "file_bytes", "bytes", REFUSED,
              INTAKE + "size_is_refused_only_above_its_limit"),
        Limit("what unpacking may gain", SCAN + "ratio", "times", REFUSED,
              INTAKE + "ratio_is_refused_only_above_its_limit"),
        Limit("rows and columns", SCAN + "side_pixels", "pixels", REFUSED,
              PICTURES + "the_size_of_a_picture"),
        Limit("frames", SCAN + "frames", "", REFUSED, PICTURES + "the_number_of_frames"),
        Limit("unpacked pixels", SCAN + "image_bytes", "bytes", REFUSED,
              PICTURES + "the_size_of_a_picture"),
        Limit("padding behind them", SCAN + "padding_bytes", "bytes", REFUSED,
              PICTURES + "padding_behind_the_pixels"),
        Limit("elements of a DICOM file", SCAN + "elements", "", REFUSED,
              PICTURES + "the_number_of_elements"),
        Limit("sequences within sequences", SCAN + "sequence_depth", "", REFUSED,
              PICTURES + "the_depth_of_sequences"),
        Limit("an identifier", SCAN + "uid_letters", "letters", REFUSED,
              PICTURES + "the_length_of_an_identifier"),
        Limit("a text that is kept", SCAN + "text_letters", "letters", "it is cut",
              PICTURES + "long_texts_are_cut"),
        Limit("what is read to know whose it is", SCAN + "head_bytes", "bytes", REFUSED,
              "tests/imaging/test_head.py::test_no_more_than_the_first_bytes_are_read"),
        Limit("elements read for that", SCAN + "head_elements", "", REFUSED,
              "tests/imaging/test_head.py::test_more_elements_than_any_writer_has_are_refused"),
        Limit("pages of a report", SCAN + "pages", "", REFUSED, PICTURES + "the_pages_of_a_report"),
        Limit("drawing of a page", SCAN + "page_bytes", "bytes", REFUSED,
              PICTURES + "what_a_page_draws"),
    ),
    "A cohort": (
        Limit("its file", SCAN + "cohort_bytes", "bytes", TOO_LARGE,
              "tests/actions/test_cohort_files.py::"
              "test_a_cohort_larger_than_the_limit_is_refused_while_it_arrives"),
    ),
    "What other systems answer": (
        Limit("one conversation with an archive", ARCHIVE + "series_bytes",
              "bytes", "the fetch says so",
              "tests/exchange/test_archive_dimse.py::test_a_conversation_reads_no_more_than_it_may"),
        Limit("one DICOM message unit", ARCHIVE + "pdu_bytes",
              "bytes", "the conversation ends",
              "tests/exchange/test_archive_dimse.py::test_a_unit_may_be_so_long_and_no_longer"),
        Limit("a question to an archive", ARCHIVE + "question_s",
              "s", "502",
              "tests/exchange/test_archive_dicomweb.py::"
              "test_an_answer_that_drips_is_not_waited_for_without_end"),
    ),
}  # fmt: skip
# Tables beside their readers whose rows are not tried on both sides one by one.
BESIDE = {
    "imaging/limits.py": "the rest of a scan and a cohort: identity, drawn regions, times",
    "riskapp/cohorts/limits.py": "tables of people",
    "riskapp/exchange/fhir/limits.py": "records in FHIR",
    "riskapp/exchange/bulk/limits.py": "bulk exports",
    "riskapp/exchange/archive/limits.py": "archives",
    "riskapp/risk/limits.py": "plausible ranges of answers",
}
COLUMNS = "| limit | value | beyond it | tried by |\n| --- | --- | --- | --- |\n"
HEAD = """# Limits

Written by `TRABECULA_DESCRIBE=1 pytest tests/operation/test_limits.py` from the table in
`riskapp/limits.py`. Each is tried just within and just beyond by the test that stands there. What
is beyond is told in one sentence, and nothing of it is kept.

"""


def document() -> str:
    """docs/limits.md."""
    parts = [HEAD]
    for title, limits in SECTIONS.items():
        parts.append(
            f"## {title}\n\n| limit | value | beyond it | tried by |\n| --- | --- | --- | --- |\n"
        )
        for one in limits:
            value = f"{one.value:,} {one.unit}".strip()
            test = one.test.partition("::")[2] or one.test
            parts.append(f"| {one.means} | {value} | {one.answered} | `{test}` |\n")
        parts.append("\n")
    parts.append(RATES_HEAD)
    parts += [f"| `{r.name}` | {r.count:,} in {r.per_s} s | {r.of} | {r.means} |\n" for r in RATES]
    parts.append("\n## Beside their readers\n\n")
    parts += [f"- `{file}`: {what}\n" for file, what in BESIDE.items()]
    return "".join(parts)


RATES_HEAD = """## Rates

How many requests one caller may send, counted over all processes of a machine; beyond it 429 with
`Retry-After`. Every counted answer tells what is left (`RateLimit`, `RateLimit-Policy`). A site
sets others with `TRABECULA_RATES=scores=1000/60,exports=off`. Tried by
`tests/operation/test_rates.py`.

| name | usual | counted for each | of |
| --- | --- | --- | --- |
"""
