"""How long what is kept: one table of periods, and what a site sets instead of the usual ones.

Nothing here knows Django: settings read it, ``actions.retaining`` obeys it, docs/retention.md and
the administrators' page show it.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from riskapp.site_settings import BadSetting

VARIABLE = "TRABECULA_RETENTION"
ONE = re.compile(r"([a-z_]+)=(\d{1,5})([dy])")
DAYS_OF = {"d": 1, "y": 366}


@dataclass(frozen=True, slots=True)
class Period:
    """How long one kind of thing is kept.

    Attributes
    ----------
    since : str
        From when it counts.
    days, least, most : int
        The usual period and the bounds of what a site may set; fixed where all are the same.
    then : str
        What happens at its end.
    because : str
        The reason, or who says so.
    """

    name: str
    what: str
    since: str
    days: int
    least: int
    most: int
    then: str
    because: str

    @property
    def is_fixed(self) -> bool:
        return self.least == self.most


# "Generally most health and care records are kept for eight years after your last treatment":
# NHS England, Records Management Code of Practice, guidance for patients and service users
# (digital.nhs.uk, read 2026-11). The bounds are our own: laws of other countries ask for less than
# five years of nobody that we know of, and for up to 30 (recalled, to be confirmed by each site).
EIGHT_YEARS = 8 * 366
PERIODS = (
    Period(
        "patients",
        "A person’s record: scans, pictures, estimates, fractures, treatments, links, and all else "
        "that belongs to it",
        "the last thing that was added to it",
        EIGHT_YEARS, 5 * 366, 50 * 366,
        "erased, with a certificate, by itself only where the site has set this; not under a "
        "legal hold",
        "NHS England, Records Management Code of Practice: eight years after the last treatment",
    ),
    Period(
        "waiting_studies", "A study that arrived and that nobody filed", "its last file",
        365, 30, 5 * 366, "its files and what they say of a person are deleted",
        "it is still where it came from; a year is longer than anybody looks for it",
    ),
    Period(
        "discarded_studies", "That a study was discarded, without what it said", "that day",
        365, 30, 5 * 366, "deleted", "so that the same files, sent again, are known",
    ),
    Period(
        "launches", "A launch from a hospital’s record that led to nobody here", "the launch",
        90, 7, 366, "deleted with its keys", "to look into what went wrong",
    ),
    Period(
        "sessions", "Where somebody was signed in", "when they were last seen there",
        90, 30, 366, "deleted", "so that somebody can tell a browser that was not theirs",
    ),
    Period(
        "browser_sessions", "What a browser keeps here between two pages", "its end",
        0, 0, 0, "deleted", "of no more use",
    ),
    Period(
        "failed_sign_ins", "How often signing in failed", "the last time",
        1, 1, 1, "deleted", "the longest time that is counted",
    ),
    Period(
        "known_browsers", "That somebody signed in in a browser before, as a hash",
        "when they last did",
        90, 90, 90, "deleted", "as long as the browser keeps its half",
    ),
    Period(
        "invitations", "Links by which a password is set", "their end",
        30, 7, 366, "deleted", "so that an administrator sees that one was used",
    ),
    Period(
        "proofs", "Proofs of programs, as hashes", "their end",
        0, 0, 0, "deleted", "none counts twice while it is valid",
    ),
    Period(
        "tokens", "Keys of apps that ended", "their end",
        30, 30, 30, "deleted", "as long as one can be renewed",
    ),
    Period(
        "kept_answers", "Answers kept for a program that asks the same again", "the answer",
        1, 1, 1, "deleted", "what the API promises",
    ),
    Period(
        "bulk_files", "Files of answers for many people", "when they were ready",
        1, 1, 1, "deleted", "what the API promises",
    ),
    Period(
        "bulk_imports", "How far reading many people from a record came", "when it was asked",
        365, 90, 5 * 366, "deleted; the people stay", "to compare one year with the next",
    ),
    Period(
        "messages", "That a message of another system was taken", "that day",
        30, 7, 90, "deleted", "systems send again for days; each counts once",
    ),
    Period(
        "notifications", "Notices sent to webhooks", "when they were confirmed",
        90, 30, 366, "deleted", "to look into what another program says it was not told",
    ),
    Period(
        "dead_letters", "What failed for good and was settled", "when it was settled",
        365, 90, 5 * 366, "deleted; what is open stays", "to see what fails again and again",
    ),
    Period(
        "advice", "Cards that were sent to records, as counts, and how they were taken", "that day",
        2 * 366, 365, 10 * 366, "deleted", "to compare one year with the next",
    ),
    Period(
        "nights", "What each night found", "that night",
        400, 90, 5 * 366, "deleted", "to compare with the year before",
    ),
)  # fmt: skip
# What no period ends, and why.
KEPT_FOR_GOOD: Mapping[str, str] = {
    "The trail": "it says who did what, by ids and digests; a row that were deleted would break it",
    "Certificates of erasure and of retention": "they name nobody, and by them a record that a "
    "backup brings back is erased again",
    "Accounts": "what somebody did stays under their name; closed accounts cannot sign in",
    "Models, their cohorts and runs": "an estimate has to be computed again; a statistician "
    "deletes a cohort when it is done with",
    "Keys that were retired": "of each only what old signatures are checked by",
}
# Where a site keeps things outside of the product.
OF_THE_SITE: Mapping[str, str] = {
    "Backups": "delete them after at most as long as a person may wait for an erasure to be "
    "complete; we suggest 35 days",
    "Logs": "they name no patient; keep them as your rules say",
    "What was sent to other systems": "theirs to keep and to erase",
}
USUAL: Mapping[str, timedelta] = {one.name: timedelta(days=one.days) for one in PERIODS}


def periods(environ: Mapping[str, str]) -> dict[str, timedelta]:
    """The table with what the site sets: ``patients=10y,sessions=30d``.

    Raises
    ------
    BadSetting
    """
    found, rows = dict(USUAL), {one.name: one for one in PERIODS}
    for part in filter(None, environ.get(VARIABLE, "").split(",")):
        read = ONE.fullmatch(part.strip())
        row = rows.get(read[1]) if read else None
        if not read or row is None:
            raise BadSetting(
                f"{VARIABLE} holds {part!r}; it looks like patients=10y,sessions=30d, and the "
                "names are in docs/retention.md."
            )
        days = int(read[2]) * DAYS_OF[read[3]]
        if not row.least <= days <= row.most:
            raise BadSetting(
                f"{VARIABLE} sets {row.name} to {days} days; it may be from {row.least} to "
                f"{row.most}."
            )
        found[row.name] = timedelta(days=days)
    return found


def records_go(environ: Mapping[str, str]) -> bool:
    """Whether records go by themselves: only where a site has said for how long it keeps them."""
    return "patients" in {
        part.partition("=")[0].strip() for part in environ.get(VARIABLE, "").split(",")
    }


def in_words(days: int) -> str:
    """A period as people say it: whole years where it is some."""
    if not days:
        return "at once"
    years, rest = divmod(days, DAYS_OF["y"])
    if years and not rest:
        return f"{years} years" if years > 1 else "a year"
    return "a day" if days == 1 else f"{days} days"


HEAD = """# What is kept, and how long

Written by `TRABECULA_DESCRIBE=1 pytest tests/operation/test_retention_page.py` from the table in
`riskapp/retention.py`. The worker obeys it each night; `manage.py retain` does so at once, and
`manage.py retain --dry-run` says what would go. A site sets other periods within the bounds:
`TRABECULA_RETENTION=patients=10y,sessions=30d`. **Patients’ records go by themselves only where a
site names `patients` there**; else each night says how many are due, and an administrator erases
them or runs `manage.py retain`. [erasure.md](erasure.md) tells how a record is
erased and what the certificate holds, and what keeps a wrong clock from erasing everybody.

| name | what | counted from | kept | may be set | then | because |
| --- | --- | --- | --- | --- | --- | --- |
"""


def document() -> str:
    """docs/retention.md."""
    lines = [HEAD]
    for one in PERIODS:
        bounds = "no" if one.is_fixed else f"{in_words(one.least)} to {in_words(one.most)}"
        told = (f"`{one.name}`", one.what, one.since, in_words(one.days), bounds, one.then)
        lines.append(f"| {' | '.join(told)} | {one.because} |\n")
    lines.append("\n## Kept for good\n\n")
    lines += [f"- **{what}**: {why}.\n" for what, why in KEPT_FOR_GOOD.items()]
    lines.append("\n## Outside of the product\n\n")
    lines += [f"- **{what}**: {why}.\n" for what, why in OF_THE_SITE.items()]
    return "".join(lines)
