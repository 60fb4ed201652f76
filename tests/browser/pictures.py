"""Pictures of the pages for docs/pages.md, small enough to keep: `make pictures`."""

import os
from io import BytesIO

from PIL import Image
from playwright.sync_api import Page
from pypdfium2 import PdfDocument

from tests.browser.serving import ROOT

WANTED = os.environ.get("TRABECULA_PICTURES") == "1"
FOLDER, TABLE = ROOT / "docs" / "pages", ROOT / "docs" / "pages.md"
BEGIN, END = "<!-- pictures -->", "<!-- /pictures -->"
MOST_BYTES, COLOURS, SHRINK = 115_000, 64, 0.9
DESK, PHONE = (1440, 900), (360, 780)
# Those that people use every day are shown on a phone and in the dark too.
EVERY_DAY = frozenset({"worklist", "patient", "assessment_new", "assessment", "decide", "scan"})
PRINTED = frozenset({"decide"})
# What a button opens is shown too: its name, and what the picture is called.
OPENED = {"scan": ("Correct", "correcting")}
PURPOSES = {
    "sign_in": "Where everybody comes in; it says what the product is not.",
    "one_time_link": "A link from an administrator sets a password, once.",
    "people": "Who works here, and as what; for administrators.",
    "person_invite": "A new account, and the link that sets its password.",
    "person": "One person's roles, sessions and account.",
    "keeping": "How long what is kept, and what the last nights found.",
    "holds": "Records that nobody erases and no period ends.",
    "hold": "One of them, and how it is lifted.",
    "hold_new": "Holds a record, once it is seen whose it is.",
    "erasures": "What waits to be erased, and certificates of what was.",
    "erasure_new": "Asks that a record be erased, once it is seen whose it is.",
    "erasure": "Whom an erasure is about, to be confirmed; then its certificate.",
    "account": "Where one is signed in, and how one signs in.",
    "password": "Another password; it ends the sessions elsewhere.",
    "app": "An authenticator app is set up from a picture.",
    "passkey_new": "A passkey is set up on a phone, a computer or a security key.",
    "confirm": "Sensitive deeds ask once more who one is.",
    "worklist": "Who waits for what, one reason and one button for each person.",
    "recall": "Who is due for a scan, a repeat assessment or a treatment review.",
    "recall_ct": "Bone that was found thin on a CT made for another reason.",
    "patient_new": "Registers a person with as few questions as there can be.",
    "patient": "One person's story: scans, assessments, fractures, treatments.",
    "patient_export": "Everything that is kept of a person, as a file for them.",
    "care_team": "Who may open a record; it is restricted and opened here.",
    "fracture_new": "A fracture, with its day as closely as it is known.",
    "fracture_strike_out": "What was entered in error is struck out and stays readable.",
    "treatment_new": "A course of treatment.",
    "treatment_end": "When and why a course ended.",
    "treatment_strike_out": "The same for a treatment.",
    "patient_accesses": "Who has seen a record, for the patient who asks.",
    "emergency_accesses": "Why restricted records were opened, to be reviewed.",
    "reproduction": "Whether a stored estimate is still what its inputs and models give.",
    "changes": "What changed between two scans, and whether that is more than chance.",
    "compare": "Two visits side by side on one scale, moved and zoomed together.",
    "scan": "What was measured, where, and what is to be looked at before it is used.",
    "assessment_new": "The record at the left, the answer at the right, live.",
    "assessment": "The answer as it was saved, with what it rested on.",
    "what_if": "What the estimate is for another person like this one.",
    "another_then": "The same for one answer, where there is no script.",
    "decide": "The patient's page: 100 people, words, choices, questions.",
    "discussion_new": "What was decided, and when it is looked at again.",
    "discussion_strike_out": "The same for what was decided.",
    "shares": "Links to the patient's page: made, counted, revoked.",
    "shared": "The patient's page as the patient opens it: no name, no menu.",
    "patient_archive": "A person's scans in the archive: found, chosen, on their way.",
    "arrivals": "Scans that came by themselves, and why each waits; what was expected and did not.",
    "arrival": "Whose an arrived scan is: what its files say beside the records.",
    "arrival_register": "Somebody new, registered from what the files say.",
    "connections": "The hospital's other programs, and what is on its way to them.",
    "dead_letters": "What failed for good, to be tried again or let go.",
    "advice": "How cards in a hospital's record were taken.",
    "smart_standalone": "Opening a patient from a hospital's record.",
    "consent": "Whether an app may act for somebody, and for which patient.",
    "models": "What answers, for whom it holds, and its limits.",
    "safety": "Who it is for and who not, and how own impressions agree.",
    "paper_form": "The form's questions on paper, for when it is down.",
    "safety_page": "What to do when it is down, after an incident and after a change.",
    "laboratory": "Cohorts, runs and models side by side.",
    "cohort": "What the check of a cohort found, and what can be learned from it.",
    "run": "How far a run is and what it made.",
    "run_report": "The laboratory's report, in a frame that may do nothing.",
    "model": "One model's life: what it learned from, who approved it, how it drifts.",
    "model_compare": "Models next to each other.",
    "guide": "The laboratory's documentation where it is needed.",
}


def photograph(page: Page, name: str) -> None:
    """Take all pictures of the page that is open."""
    _take(page, name, DESK, "light")
    if name in EVERY_DAY:
        _take(page, f"{name}-dark", DESK, "dark")
        _take(page, f"{name}-phone", PHONE, "light")
    if name in OPENED:
        button, called = OPENED[name]
        page.get_by_role("button", name=button, exact=True).click()
        _take(page, f"{name}-{called}", DESK, "light")
    if name in PRINTED:
        printed = PdfDocument(page.pdf(format="A4", prefer_css_page_size=True))
        for number, sheet in enumerate(printed, 1):
            _keep(sheet.render(scale=1.1).to_pil(), f"{name}-print-{number}")


def _take(page: Page, name: str, size: tuple[int, int], scheme: str) -> None:
    page.set_viewport_size({"width": size[0], "height": size[1]})
    page.emulate_media(color_scheme=scheme)
    page.evaluate("window.scrollTo(0, 0)")
    # A screen and a half: the whole of a long page would be too small to read.
    whole = Image.open(BytesIO(page.screenshot(full_page=True)))
    _keep(whole.crop((0, 0, whole.width, min(whole.height, 3 * size[1] // 2))), name)


def _keep(picture: Image.Image, name: str) -> None:
    """Few colours, and smaller until it is small."""
    FOLDER.mkdir(exist_ok=True)
    picture = picture.convert("RGB")
    while True:
        written = BytesIO()
        # Colours that lie far apart, or the many greys of a scan would leave none to the others.
        few = picture.quantize(COLOURS, Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE)
        few.save(written, "PNG", optimize=True)
        if written.tell() <= MOST_BYTES:
            break
        size = (round(SHRINK * picture.width), round(SHRINK * picture.height))
        picture = picture.resize(size, Image.Resampling.LANCZOS)
    (FOLDER / f"{name}.png").write_bytes(written.getvalue())


def write_table(names: list[str]) -> None:
    """One line for each page, those that people use every day first."""
    lines = []
    known = list(PURPOSES)
    for name in sorted(names, key=lambda one: known.index(one) if one in known else len(known)):
        more = sorted(path.stem for path in FOLDER.glob(f"{name}-*.png"))
        others = ", ".join(f"[{one.removeprefix(f'{name}-')}](pages/{one}.png)" for one in more)
        title = name.replace("_", " ").capitalize()
        lines += [
            f"### {title}",
            PURPOSES.get(name, "") + (f" Also: {others}." if others else ""),
            "",
            f"![{title}](pages/{name}.png)",
            "",
        ]
    text = TABLE.read_text(encoding="utf-8")
    before, rest = text.split(BEGIN)
    whole = before + "\n".join([BEGIN, "", *lines]) + END + rest.split(END)[1]
    TABLE.write_text(whole, encoding="utf-8")


def forget_old() -> None:
    for path in FOLDER.glob("*.png"):
        path.unlink()
