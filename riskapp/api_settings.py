"""What the packages behind the API are told: its doors, its description, and who gets a token."""

from riskapp import __version__
from riskapp.exchange.choices import CHOICES
from riskapp.exchange.receiving import EXPECTED_STATES

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "riskapp.api.authentication.BearerAuthentication",
        "riskapp.api.authentication.HashedTokenAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": [
        "rest_framework.permissions.IsAuthenticated",
        "riskapp.api.scopes.HasScope",
        "riskapp.gate.MayOpen",
    ],
    "DEFAULT_THROTTLE_CLASSES": ["riskapp.rate_gate.OfCaller"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["riskapp.api.parsing.StrictJsonParser"],
    "DEFAULT_CONTENT_NEGOTIATION_CLASS": "riskapp.api.parsing.JsonAlways",
    "DEFAULT_SCHEMA_CLASS": "riskapp.api.sent_text.Schema",
    "EXCEPTION_HANDLER": "riskapp.api.problems.answer",
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
}
SPECTACULAR = {
    "TITLE": "Trabecula",
    "DESCRIPTION": "Explained 10-year fracture probabilities from a bone scan and a record.",
    "VERSION": __version__,
    "SERVE_INCLUDE_SCHEMA": False,
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "CONTACT": {"name": "The administrator of this site"},
    "LICENSE": {"name": "Apache 2.0", "identifier": "Apache-2.0"},
    "SERVERS": [{"url": "/", "description": "The site that serves this description"}],
    # Its shapes are plain JSON Schema, so that a real answer can be held against them.
    "OAS_VERSION": "3.1.0",
    # A profile and a recorded fracture name the same sites.
    "ENUM_NAME_OVERRIDES": {
        "StateEnum": "riskapp.models.shared_link.SharedLink.State",
        "ExpectedScanStateEnum": [(state, state) for state in EXPECTED_STATES],
        "PriorFractureSiteEnum": [(site, site) for site in CHOICES["prior_fracture_site"]],
    },
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "riskapp.api.description.complete",
        "riskapp.api.fhir.described.add_doors",
        "riskapp.api.plain_doors.add_plain_doors",
    ],
}
# The authorization server for other programs; its rules are ours (riskapp.actions.oauth), its
# tables the toolkit's. Tokens are kept as hashes; RFC 9700 is held to.
OAUTH2_PROVIDER = {
    "OAUTH2_SERVER_CLASS": "riskapp.actions.oauth.server.Server",
    "OAUTH2_VALIDATOR_CLASS": "riskapp.actions.oauth.validator.Validator",
    "OAUTH2_BACKEND_CLASS": "riskapp.actions.oauth.backend.Backend",
    "SCOPES_BACKEND_CLASS": "riskapp.actions.oauth.scopes.ClientScopes",
    "AUTHORIZATION_CODE_EXPIRE_SECONDS": 60,
    # Of an app that is not used: from the end of its last token.
    "REFRESH_TOKEN_EXPIRE_SECONDS": 30 * 24 * 60 * 60,
    "ROTATE_REFRESH_TOKEN": True,
    "REFRESH_TOKEN_REUSE_PROTECTION": True,
    "COMPLIANT_BCP_RFC9700_IMPLICIT_GRANT": True,
    "COMPLIANT_BCP_RFC9700_PASSWORD_GRANT": True,
    "COMPLIANT_BCP_RFC9700_PKCE_METHOD": True,
    "COMPLIANT_BCP_RFC9700_ACCESS_TOKEN_TRANSPORT": True,
    "COMPLIANT_BCP_RFC9700_TOKEN_STORAGE": True,
}
