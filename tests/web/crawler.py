"""Follows every link and sends every form of the product, and notes what each page answered."""

import re
import sys
import traceback
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from urllib.parse import parse_qs, urldefrag, urljoin, urlsplit
from xml.etree.ElementTree import Element

from django.contrib.staticfiles import finders
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.signals import got_request_exception
from django.http import HttpResponse
from django.test import Client
from django.urls import Resolver404, resolve

from tests.hostile_texts import HOSTILE, bytes_of
from tests.quiet import heard
from tests.web.markup import problems_of, read

SECRET = {"password", "one-time-code"}
REFUSED_IN_WORDS = frozenset({400, 403, 404, 409, 413, 415, 422})
# How many pages of one kind are read; fewer of those that take long, more where states differ.
ENOUGH = 6
LONGEST = 2_000
MOST = {"stored_engines": 2, "report": 1, "scan_file": 5} | dict.fromkeys(
    ("scan", "patient", "run", "assessment"), 20
)
HERE = re.compile("^http://(testserver|127[.]0[.]0[.]1)(?=/)")
LEAVES = frozenset({"sign_out"})
LINKS = {
    "a": "href",
    "img": "src",
    "iframe": "src",
    f"{'{http://www.w3.org/2000/svg}'}image": "href",
}


Kind = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class Form:
    """A form as a browser would send it: where to, how, and what it holds at first."""

    page: str
    method: str
    address: str
    fields: Mapping[str, tuple[str, ...]]
    files: tuple[str, ...]
    typed: frozenset[str] = frozenset()  # fields that take any words
    secret: frozenset[str] = frozenset()  # fields that are never shown again
    which: str = ""  # of the forms of one address: by its own id and what its button says

    @property
    def kind(self) -> Kind:
        """Forms of one kind are alike but for the person they are about."""
        return self.method, name_of(self.address), self.which


@dataclass(slots=True)
class Crawler:
    """One signed-in person who leaves nothing out."""

    client: Client
    passes_over: frozenset[str] = frozenset()  # names of what is not asked for
    stays: bool = False  # on the pages that it was given
    visited: dict[str, int] = field(default_factory=dict)  # status by path with its query
    names: set[str] = field(default_factory=set)  # of addresses that answered
    titles: dict[str, set[str]] = field(default_factory=dict)  # addresses' names by title
    richest: dict[str, tuple[int, str]] = field(default_factory=dict)  # page of most bytes by name
    problems: dict[str, str] = field(default_factory=dict)  # where it was first seen
    forms: dict[Kind, Form] = field(default_factory=dict)
    broken: list[str] = field(default_factory=list)
    logged: list[str] = field(default_factory=list)  # what a site's log would say
    counts: Counter[tuple[str, ...]] = field(default_factory=Counter)  # by name and what is asked
    templates: set[str] = field(default_factory=set)  # that were laid out
    sent: int = 0

    def walk(self, *addresses: str) -> None:
        """Read everything that can be reached from these addresses."""
        waiting = [*addresses]
        while waiting:
            address = waiting.pop()
            kind = name_of(address), *sorted(parse_qs(urlsplit(address).query))
            if kind[0] in self.passes_over:
                continue
            if address not in self.visited and self.counts[kind] < MOST.get(kind[0], ENOUGH):
                self.counts[kind] += 1
                waiting += self.look(self.get(address), address)

    def get(self, address: str) -> HttpResponse:
        reply = self._asked("GET", address, {})
        self.visited[address] = reply.status_code
        if reply.status_code >= 400:
            self.problem(address, f"answered {reply.status_code}")
        return reply

    def send_all(self, *, rubbish: bool) -> None:
        """Send every form; what the answers lead to is read too.

        As rubbish, each field is hostile by itself, as what stands first is refused first, and
        all of them are at once.
        """
        done: set[Kind] = set()
        while left := [one for kind, one in self.forms.items() if kind not in done]:
            for form in left:
                done.add(form.kind)
                if not LEAVES & {name_of(form.address)}:
                    for typed in _hostile(form, len(done)) if rubbish else ({},):
                        self.send(form, typed, rubbish=rubbish)

    def send(self, form: Form, typed: Mapping[str, str], *, rubbish: bool = False) -> None:
        """Send a form with what is typed into it, and otherwise as it came."""
        sent: dict[str, object] = {name: list(values) for name, values in form.fields.items()}
        sent |= {name: [bytes_of(text)] for name, text in typed.items()}
        if rubbish:
            for name in form.files:
                text = list(HOSTILE.values())[self.sent % len(HOSTILE)][:200]
                sent[name] = SimpleUploadedFile("x", b"\0rubbish")
                sent[name].name = text.replace("\ud800", "")  # type: ignore[attr-defined]
        self.sent += 1
        reply = self._asked(form.method, form.address, sent)
        where = f"{form.method} {form.address} from {form.page}, {rubbish=}"
        if reply.status_code >= 400 and reply.status_code not in REFUSED_IN_WORDS:
            self.problem(where, f"answered {reply.status_code}")
        if form.method == "GET" and not rubbish and reply.status_code >= 400:
            self.problem(where, f"answered {reply.status_code}")
        self._is_kept(form, typed, reply, where)
        leads_to = self.look(reply, form.address, where)
        if not self.stays:
            self.walk(*leads_to)

    def _is_kept(
        self, form: Form, typed: Mapping[str, str], reply: HttpResponse, where: str
    ) -> None:
        """Hold that a form which is shown again holds the words that were typed into it."""
        if reply.status_code not in (400, 422) or len(typed) != 1 or form.method != "POST":
            return
        ((name, text),) = typed.items()
        again = read(reply.content.decode())
        for one in _forms(again.tree, form.address):
            is_shown = one.kind == form.kind and text.isprintable() and name not in one.secret
            if is_shown and one.fields.get(name, (text,)) != (text,):
                self.problem(where, f"forgets what was typed as {name}")

    def _asked(self, method: str, address: str, sent: Mapping[str, object]) -> HttpResponse:
        errors: list[str] = []

        def note(**told: object) -> None:
            kind, error, trace = sys.exc_info()
            last = traceback.extract_tb(trace)[-1]
            errors.append(f"{kind}: {error}, {last.filename}:{last.lineno}")

        got_request_exception.connect(note)
        ask = self.client.get if method == "GET" else self.client.post
        try:
            with heard(self.logged):
                reply = ask(address, sent)
        finally:
            got_request_exception.disconnect(note)
        self.templates.update(one.name for one in reply.templates or () if one.name)
        if errors or reply.status_code >= 500:
            self.broken.append(f"{method} {address}: {reply.status_code} {errors}")
        if reply.status_code < 400 or reply.status_code in REFUSED_IN_WORDS - {404}:
            self.names.add(name_of(address))
        return reply

    def look(self, reply: HttpResponse, address: str, where: str = "") -> list[str]:
        """Judge a page, remember its forms, and return where its links lead."""
        if 300 <= reply.status_code < 400:
            return [urldefrag(urljoin(address, reply["Location"]))[0]]
        if not reply.get("Content-Type", "").startswith("text/html") or reply.streaming:
            reply.close()
            return []
        page = read(reply.content.decode())
        # What is sent to a choice that offers no such thing is answered with the codes it takes,
        # and a form with what was typed into it.
        typed = where.endswith("rubbish=True") or _asks_rubbish(address)
        for problem in problems_of(page, typed=typed):
            self.problem(where or address, problem)
        if page.is_whole and reply.status_code == 200:
            if not where:  # a page of its own, not the answer to something sent
                before = self.richest.get(name_of(address), (0, ""))
                self.richest[name_of(address)] = max(before, (len(reply.content), address))
            self.titles.setdefault(page.title, set()).add(name_of(address))
        for form in _forms(page.tree, address):
            self.forms.setdefault(form.kind, form)
        return list(self._links(page.tree, address))

    def _links(self, tree: Element, address: str) -> Iterator[str]:
        for one in tree.iter():
            told = [one.get(LINKS.get(one.tag, "")), one.get("hx-get")]
            if "readonly" in one.attrib and one.get("value", "").startswith("http"):
                told.append(one.get("value"))  # a link that is shown to be copied
            for link in told:
                if not link or link.startswith("#"):
                    continue
                there = HERE.sub("", urldefrag(urljoin(address, link))[0])
                if not urlsplit(there).netloc:
                    yield there
                elif not there.startswith("https://"):
                    self.problem(address, f"leads to {there}")
            for name in ("src", "href"):
                link = one.get(name, "")
                if link.startswith("/static/") and not finders.find(link.removeprefix("/static/")):
                    self.problem(address, f"asks for {link}, which is not there")

    def problem(self, where: str, what: str) -> None:
        """Each kind of problem once for each kind of page."""
        name = name_of(where.split(" ")[1] if " " in where else where)
        self.problems.setdefault(f"{name}: {what}", where)


def name_of(address: str) -> str:
    """What the address is called in the table of addresses."""
    try:
        return resolve(urlsplit(address).path).url_name or ""
    except Resolver404:
        return ""


def _forms(tree: Element, page: str) -> Iterator[Form]:
    by_id = {one.get("id"): one for one in tree.iter("form")}
    for form in tree.iter("form"):
        controls = [one for one in form.iter() if one.get("form") is None]
        controls += [
            one for one in tree.iter() if form.get("id") and one.get("form") == form.get("id")
        ]
        fields, files = _filled_in(controls)
        typed = frozenset(one.get("name", "") for one in controls if _takes_words(one))
        hidden = (one for one in controls if SECRET & {*one.attrib.values()})
        secret = frozenset(one.get("name", "") for one in hidden)
        method, own = form.get("method", "get").upper(), form.get("id", "")
        for button in [one for one in controls if one.tag == "button"] or [Element("button")]:
            if button.get("type", "submit") == "submit":
                name, value = button.get("name", ""), button.get("value", "")
                pressed = {name: (value,)} if name else {}
                there = urljoin(page, button.get("formaction") or form.get("action") or page)
                how = button.get("formmethod", method).upper()
                which, sent = f"{own} {name} {value}", fields | pressed
                yield Form(page, how, there, sent, files, typed, secret, which)
        if form.get("hx-post"):
            yield Form(page, "POST", urljoin(page, form.get("hx-post", "")), fields, files)
    for one in tree.iter():
        if one.tag != "form" and one.get("hx-post"):
            included = by_id.get(one.get("hx-include", "").removeprefix("#"))
            fields, files = _filled_in([] if included is None else list(included.iter()))
            yield Form(page, "POST", urljoin(page, one.get("hx-post", "")), fields, files)


def _hostile(form: Form, first: int) -> Iterator[dict[str, str]]:
    """What is typed: a hostile text in each field alone, another one in each, one in all."""
    fields = [name for name in form.fields if name not in ("csrfmiddlewaretoken", "")]
    texts = [text[:LONGEST] for text in HOSTILE.values()]
    for at, name in enumerate(fields):
        if name in form.typed:
            yield {name: texts[(first + at) % len(texts)]}
    yield {name: texts[(first + at + 7) % len(texts)] for at, name in enumerate(fields)}


def _filled_in(controls: list[Element]) -> tuple[dict[str, tuple[str, ...]], tuple[str, ...]]:
    fields: dict[str, tuple[str, ...]] = {}
    files = []
    for one in controls:
        name = one.get("name")
        if not name or "disabled" in one.attrib or one.tag not in ("input", "select", "textarea"):
            continue
        if one.get("type") == "file":
            files.append(name)
            continue
        for value in _values(one):
            fields[name] = (*fields.get(name, ()), value)
    return fields, tuple(files)


def _asks_rubbish(address: str) -> bool:
    asked = parse_qs(urlsplit(address).query)
    return bool({text[:LONGEST] for text in HOSTILE.values()} & {one[0] for one in asked.values()})


def _takes_words(control: Element) -> bool:
    kind = control.get("type", "text") if control.tag == "input" else control.tag
    return kind in ("text", "search", "email", "textarea", "password", "url")


def _values(control: Element) -> Iterator[str]:
    if control.tag == "textarea":
        yield control.text or ""
    elif control.tag == "select":
        options = list(control.iter("option"))
        chosen = [one for one in options if "selected" in one.attrib] or options[:1]
        yield from (one.get("value", "".join(one.itertext())) for one in chosen)
    elif control.get("type") in ("checkbox", "radio"):
        if "checked" in control.attrib:
            yield control.get("value", "on")
    elif control.get("type") not in ("submit", "button", "reset"):
        yield control.get("value", "")
