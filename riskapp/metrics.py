"""What is counted while the site runs, for ``/metrics``: sums only, and no identifier in a label.

Each label has few values that the code names. Where several processes serve, gunicorn's settings
name a folder (PROMETHEUS_MULTIPROC_DIR) before this is imported, in which their sums meet.
"""

from prometheus_client import Counter, Histogram

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
# From what a page takes (50 ms) to what gunicorn lets one request take.
SECONDS = (0.01, 0.025, 0.05, 0.1, 0.2, 0.3, 0.5, 1, 2, 5, 10, 30, 120)

REQUESTS = Histogram(
    "trabecula_request_seconds",
    "How long requests took, by view, method and status.",
    ["view", "method", "status"],
    buckets=SECONDS,
)
PEOPLE_SCORED = Counter(
    "trabecula_people_scored",
    "People for whom estimates were asked, by how it ended.",
    ["ended"],
)
ESTIMATES = Counter(
    "trabecula_estimates", "Estimates that were stored with an assessment, by engine.", ["engine"]
)
FAILED_SIGN_INS = Counter("trabecula_failed_sign_ins", "Sign-ins with a wrong name or password.")
REFUSED_BY_RATE = Counter(
    "trabecula_refused_by_rate", "Requests refused because there were too many.", ["rate"]
)
SHED = Counter("trabecula_shed", "Requests put off because the site was full.", ["why"])
