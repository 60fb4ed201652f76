"""Who may open what, written down by hand and apart from the table that the site obeys.

Roles by letter: c clinician, r radiographer, s statistician, a administrator, u auditor. What is
said of an address holds for GET and POST, unless it says more for one of them.
"""

import re

from riskapp.models import Role

LETTERS = {
    "c": Role.CLINICIAN,
    "r": Role.RADIOGRAPHER,
    "s": Role.STATISTICIAN,
    "a": Role.ADMINISTRATOR,
    "u": Role.AUDITOR,
}
ANYBODY = "anybody"
BY_TOKEN = "a token of another kind"  # hooks, which sign each call
EVERYONE = "crsau"

WRITTEN = f"""
# Nobody is asked who they are
health/.*                                        {ANYBODY}
metrics                                          {ANYBODY}
sign-.*                                          {ANYBODY}
oauth/.*                                         {ANYBODY}
.*well-known/.*                                  {ANYBODY}
shared/.*                                        {ANYBODY}
smart/(launch|callback/|standalone/.*)           {ANYBODY}
api/(schema|docs)/                               {ANYBODY}
api/problems/.*                                  {ANYBODY}
api/                                             {ANYBODY}
fhir/metadata                                    {ANYBODY}
fhir/(CodeSystem|ValueSet|StructureDefinition|OperationDefinition).*   {ANYBODY}
fhir/\\(\\?P<resource_type>.*                    {ANYBODY}
fhir\\(/\\|\\$\\)                                {ANYBODY}
cds-services                                     {ANYBODY}
cds-services/.*                                  {BY_TOKEN}

# One's own account; who has a link has no session yet
account/link/.*                                  {ANYBODY}
account/.*                                       {EVERYONE}

# What the product is for, and what to do when it is down
safety/.*                                        {EVERYONE}

# Who works here
people/.*                                        a

# How long what is kept, records that are held or erased; and a copy for the person
kept/                                            a
holds/.*                                         a
erasures/.*                                      a
patients/<[^>]+>/copy/                           c

# What answers, which is about nobody
models/                                          {EVERYONE}
api/v1/(models|populations)/                     {EVERYONE}
api/v1/scores/                                   cs

# Who the patients are
patients/<[^>]+>/                                cr
patients/new/                                    cr
patients/<[^>]+>/apps/.*                         cr
api/v1/patients/                                 cr
api/v1/patients/<[^>]+>/                         cr
fhir/Patient.*                                   cr

# Records that only their care team sees: asking with a reason, and who looks at that later
patients/<[^>]+>/restricted/                     cr
api/v1/patients/<[^>]+>/emergency-access/        cr
patients/<[^>]+>/care-team/                      c
restricted/.*                                    au

# What failed for good, until somebody tries it again or lets it go
not-done/.*                                      a

# Who has seen their record; the trail itself is the auditors'
patients/<[^>]+>/accesses/                       cr
trail/.*                                         u

# Fractures and treatments: a radiographer reads them, a clinician writes them down
(patients/<[^>]+>/)(fractures|treatments)/.*     c
api/v1/patients/<[^>]+>/(fractures|treatments)/  GET:cr POST:c
api/v1/patients/<[^>]+>/(fractures|treatments)/.+   c

# Scans
patients/<[^>]+>/(changes|compare|scans)/        cr
patients/<[^>]+>/archive/.*                      cr
scans/<[^>]+>/radiology/                         c
scans/.*                                         cr
arrived/.*                                       cr
api/v1/patients/<[^>]+>/(changes|archive)/.*     cr
api/v1/(fetches|scans|expected-scans)/.*         cr
dicomweb/.*                                      cr
api/v1/precisions/                               crs

# Estimates and what is decided by them: clinicians alone
patients/<[^>]+>/assessments/.*                  c
assessments/.*                                   c
recall/.*                                        c
smart/(opened/.*|left/)                         c
api/v1/(worklist|recall|assessments)/.*          c
fhir/(RiskAssessment|Observation|DiagnosticReport|Provenance|Device|Binary).*   c

# Models: statisticians alone
laboratory/.*                                    s
api/v1/(trainings|outcomes)/.*                   s

# Other programs
connections/                                     cra
connections/<[^>]+>/again/                       cra
connections/advice/                              csa
api/v1/cds-feedback/                             csa
api/v1/webhooks/.*                               a
"""
RULES = [
    (re.compile(address), said)
    for address, said in (
        line.split(None, 1)
        for line in WRITTEN.splitlines()
        if line.strip() and not line.startswith("#")
    )
]


def who(address: str, method: str) -> str:
    """Letters of the roles that may, or one of the two words above; the first rule counts."""
    said = next((said for rule, said in RULES if rule.fullmatch(address)), None)
    assert said is not None, f"Write down in who_opens.py who may open {address}."
    for part in said.split() if ":" in said else ():
        of_method, _, letters = part.partition(":")
        if of_method == method.upper():
            return letters
    return said.strip()
