"""The words of the patient's page, gathered from where they are written, as catalogues."""

import ast
import re
from collections.abc import Iterator
from io import BytesIO

from babel.messages.catalog import Catalog, Message
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.conf import settings
from django.utils.translation.template import templatize

from riskapp import __version__
from riskapp.exchange import lay_questions, wording
from riskapp.exchange.languages import SOURCE, folder_of, languages
from riskapp.risk import treatments

# The patient's own part; what stands around it for the clinician stays English.
TEMPLATES = ("decide", "shared")
# Words that stand in tables and not in templates.
MODULES = (lay_questions, wording, treatments)
HEADER = """\
# The patient's page in {language}: a draft until languages.json holds a speaker's review.
# Edit the words here, then run: manage.py patient_words"""
PLACEHOLDER = re.compile(r"%\(\w+\)s|%%")
STRING = r"u?(?:'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\")"
CALL = re.compile(rf"\b(gettext|ngettext|pgettext|npgettext)\(({STRING}(?:, {STRING})*)")


def patient_words() -> Catalog:
    """Every sentence to translate, with the file that holds it."""
    words = Catalog(project="Trabecula", charset="utf-8", fuzzy=False)
    for told in _in_templates():
        words.add(told.id, locations=told.locations, context=told.context)
    for module in MODULES:
        place = f"{module.__name__.replace('.', '/')}.py"
        for sentence in module.lay_strings():
            words.add(sentence, locations=[(place, 1)])
    return words


def _in_templates() -> Iterator[Message]:
    for folder in TEMPLATES:
        for path in sorted((settings.BASE_DIR / "templates" / folder).glob("*.html")):
            place = path.relative_to(settings.BASE_DIR).as_posix()
            text = templatize(path.read_text(encoding="utf-8"))
            for call, arguments in CALL.findall(text):
                yield _message(call, list(ast.literal_eval(f"[{arguments}]")), place)


def _message(call: str, told: list[str], place: str) -> Message:
    context = told.pop(0) if "p" in call.removesuffix("gettext") else None
    id = (told[0], told[1]) if call.startswith("n") else told[0]
    return Message(id, locations=[(place, 1)], context=context)


def translated() -> list[str]:
    """Codes of the languages that have or need a catalogue."""
    return [code for code in languages() if code != SOURCE]


def renewed(code: str) -> Catalog:
    """A language's catalogue with today's sentences; of those that went, nothing is kept."""
    path = folder_of(code) / "django.po"
    words = patient_words()
    if not path.exists():
        return _named(words, code)
    held = _read(code)
    held.update(words, no_fuzzy_matching=True, update_creation_date=False)
    held.obsolete.clear()
    return held


def _read(code: str) -> Catalog:
    with (folder_of(code) / "django.po").open("rb") as file:
        return read_po(file, locale=code.replace("-", "_"))


def _named(words: Catalog, code: str) -> Catalog:
    fresh = Catalog(
        locale=code.replace("-", "_"),
        project="Trabecula",
        version=__version__,
        header_comment=HEADER.format(language=languages()[code].english),
        msgid_bugs_address="see README.md",
        last_translator="a draft",
        language_team=languages()[code].english,
        charset="utf-8",
        fuzzy=False,
    )
    fresh.update(words, no_fuzzy_matching=True)
    return fresh


def write(code: str, catalogue: Catalog) -> None:
    """Write what people edit and what is read, side by side."""
    folder = folder_of(code)
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "django.po").open("wb") as file:
        write_po(file, catalogue, width=100, include_lineno=False)
    (folder / "django.mo").write_bytes(compiled(_read(code)))


def compiled(catalogue: Catalog) -> bytes:
    """The catalogue as gettext reads it."""
    sink = BytesIO()
    write_mo(sink, catalogue)
    return sink.getvalue()


def problems(code: str) -> list[str]:
    """What keeps a catalogue from being whole: sentences without words, lost placeholders, age."""
    folder = folder_of(code)
    if not (folder / "django.po").exists():
        return [f"{code}: there is no catalogue yet."]
    catalogue = renewed(code)
    found = [
        f"{code}: not translated: {_shown(one.id)}"
        for one in catalogue
        if one.id and not all(_strings(one))
    ]
    found += [
        f"{code}: another number or name than in English: {_shown(one.id)}"
        for one in catalogue
        if one.id and not _same_placeholders(one)
    ]
    if compiled(_read(code)) != (folder / "django.mo").read_bytes():
        found.append(f"{code}: the compiled catalogue is not that of the words; write it anew.")
    return found


def _strings(message: Message) -> tuple[str, ...]:
    """Empty where there is none; new sentences have no words at all."""
    return (
        tuple(message.string)
        if isinstance(message.string, tuple | list)
        else (message.string or "",)
    )


def _same_placeholders(message: Message) -> bool:
    """Whether each form holds what its English holds; what is not translated is told apart."""
    ours = [message.id] if isinstance(message.id, str) else list(message.id)
    meant = [set(PLACEHOLDER.findall(one)) for one in ours]
    return all(set(PLACEHOLDER.findall(one)) in meant for one in _strings(message) if one)


def _shown(id: str | tuple[str, ...]) -> str:
    return id if isinstance(id, str) else id[0]
