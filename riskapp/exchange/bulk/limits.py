"""What an export may cost, and how long its server is waited for: one table."""

from riskapp.exchange.peer_http import AnswerLimits

LIMITS = AnswerLimits(silence_s=60, whole_s=120, most_bytes=5_000_000)  # of what is not NDJSON
LARGEST_FILE_BYTES = 4 * 2**30
FILE_WITHIN_S = 6 * 3_600  # however steadily it drips
LARGEST_EXPORT_BYTES = 50 * 2**30
MOST_FILES = 10_000
LONGEST_LINE = 2_000_000  # bytes
DEEPEST_JSON = 60
# Waits between two questions whether an export is ready: as its server says, within these.
SHORTEST_WAIT_S, USUAL_WAIT_S, LONGEST_WAIT_S = 1, 30, 3_600
# Tries of one step (asking, one file) before the export is given up.
TRIES = 8
# A server that has not finished by then has lost the export.
READY_WITHIN_HOURS = 72
# Resources of one patient beyond this are not read; the reading of records has its own limit.
MOST_OF_ONE_PATIENT = 20_000
