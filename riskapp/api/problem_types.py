"""Every kind of refusal of the JSON doors, in one table: each has an address that explains it."""

from dataclasses import dataclass
from http import HTTPStatus

ADDRESS = "/api/problems/"


@dataclass(frozen=True, slots=True)
class ProblemType:
    """One kind of refusal.

    Attributes
    ----------
    code : str
        Last part of the address that RFC 9457 calls ``type``; it never changes its meaning.
    means, do : str
        What happened, and what the caller does about it.
    """

    code: str
    status: int
    title: str
    means: str
    do: str

    @property
    def address(self) -> str:
        return f"{ADDRESS}{self.code}/"


PROBLEM_TYPES = (
    ProblemType(
        "invalid-request",
        400,
        "The request can be mended",
        "The body, a parameter or a header is not as described, or breaks a rule of the record.",
        "Read detail, and errors for each field; mend the request and send it again.",
    ),
    ProblemType(
        "not-signed-in",
        401,
        "No valid key",
        "No key was sent, or it is not valid, was revoked, or has ended.",
        "Send a valid key in the header Authorization; WWW-Authenticate names the scheme.",
    ),
    ProblemType(
        "not-allowed",
        403,
        "Not allowed",
        "The account is known but may not do this: it belongs to no organisation, lacks a right or "
        "a scope, or a browser's form came without its token.",
        "Ask your administrator; sending the same again does not help.",
    ),
    ProblemType(
        "https-only",
        403,
        "Only over HTTPS",
        "Programs are answered over HTTPS only; what was sent in the open may have been read.",
        "Call the same address with https, and have a key that was sent in the open replaced.",
    ),
    ProblemType(
        "restricted-record",
        403,
        "Restricted to the care team",
        "The patient is here, and the record is open to its care team only.",
        "If it has to be opened all the same, state why: POST "
        "/api/v1/patients/{id}/emergency-access/. It then opens to this account for four hours.",
    ),
    ProblemType(
        "not-found",
        404,
        "Nothing there",
        "There is nothing at this address for you. What belongs to another organisation is "
        "answered in the same way.",
        "Check the address, with the slash at its end, and the organisation of the key.",
    ),
    ProblemType(
        "method-not-allowed",
        405,
        "Method not offered",
        "The address is there, but not for this method.",
        "Use one of the methods that the header Allow names.",
    ),
    ProblemType(
        "not-acceptable",
        406,
        "Not in that form",
        "The answer does not exist in a form that the header Accept asks for.",
        "Ask for a media type that the description names.",
    ),
    ProblemType(
        "conflict",
        409,
        "In conflict with what is stored",
        "What is stored does not allow the change now, or is already so.",
        "Read what is stored, then decide anew.",
    ),
    ProblemType(
        "changed-meanwhile",
        412,
        "Changed meanwhile",
        "The header If-Match names another state than the one stored now: somebody changed it.",
        "Read it again, look at what changed, and send your change with the new ETag.",
    ),
    ProblemType(
        "record-not-sent",
        412,
        "The record was not sent",
        "A hook was called without the Patient, or one that says too little, and it cannot be "
        "read from the fhirServer either.",
        "Send the prefetch that the service asks for, or fhirServer with fhirAuthorization.",
    ),
    ProblemType(
        "too-large",
        413,
        "Too large",
        "More bytes, files, rows or work than one request may have.",
        "Send less at a time.",
    ),
    ProblemType(
        "unsupported-media-type",
        415,
        "Another media type",
        "The body is of another media type than the one described.",
        "Set Content-Type to the described one and send the body in it.",
    ),
    ProblemType(
        "outside-the-model",
        422,
        "No ground to speak about this person",
        "The request is well formed, but no model held here covers this person.",
        "Read detail: it names the range or the population. Do not guess another person.",
    ),
    ProblemType(
        "key-used-before",
        422,
        "Idempotency-Key of another request",
        "This Idempotency-Key came with another body or address before.",
        "Give each request a key of its own.",
    ),
    ProblemType(
        "state-not-named",
        428,
        "Say which state is changed",
        "A change needs the header If-Match, so that nobody's newer change is overwritten unseen.",
        "Read it first and send its ETag in If-Match.",
    ),
    ProblemType(
        "too-many-requests",
        429,
        "Too many requests",
        "More requests than this service takes from one caller in this time.",
        "Wait for as many seconds as the header Retry-After says.",
    ),
    ProblemType(
        "our-mistake",
        500,
        "A mistake of ours",
        "Something failed here that should not. Nothing was stored.",
        "Try once more; if it fails again, tell the administrator the time and the address.",
    ),
    ProblemType(
        "peer-not-answering",
        502,
        "Another system does not answer",
        "The site’s archive, which has to be asked first, does not answer or refuses to.",
        "Read detail; send the same again later, or tell the administrator of this site.",
    ),
    ProblemType(
        "not-now",
        503,
        "Not now",
        "The service cannot answer at the moment.",
        "Send the same again later, under the same Idempotency-Key.",
    ),
    ProblemType(
        "engine-withheld",
        503,
        "The engine failed its self-test",
        "A model or a table that answers is damaged, or answers otherwise than when it was "
        "approved. It is not served, and nothing else answers in its place.",
        "Tell the administrator of this site. Sending the same again does not help until it is "
        "mended; another engine can be named.",
    ),
    ProblemType(
        "no-room",
        507,
        "No room",
        "The disk of this service is full, and nothing was kept.",
        "Send the same again later, under the same Idempotency-Key; its administrator has to make "
        "room.",
    ),
)
BY_CODE = {kind.code: kind for kind in PROBLEM_TYPES}
# Where one status has several kinds, the others are named by whoever knows.
BY_STATUS = {kind.status: kind for kind in reversed(PROBLEM_TYPES)}


def type_of(status: int, code: str = "") -> ProblemType:
    """The kind of a refusal; a status that is not in the table gets one without an address."""
    if code:
        return BY_CODE[code]
    known = BY_STATUS.get(status)
    return known or ProblemType("", status, HTTPStatus(status).phrase, "", "")
