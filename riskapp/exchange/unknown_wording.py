"""What not knowing an answer costs, in words."""

# Below this share of the interval's width a gain is noise: knowing what cannot matter, a cause of
# low density beside a known density, moves the width of 2,000 draws by up to 0.03 either way.
NOISE = 0.05
# From each share on, up to the next.
SHARES = (
    (0.6, "most of it"),
    (0.42, "half"),
    (0.29, "a third"),
    (0.225, "a quarter"),
    (0.15, "a fifth"),
    (NOISE, "a tenth"),
)


def share_in_words(share: float) -> str:
    """A share of the interval's width, e.g. "a third"; blank where it is noise."""
    return next((words for least, words in SHARES if share >= least), "")


def cost_of_not_knowing(share: float) -> str:
    """What stands beside a question that is answered "not known"; blank where it is noise."""
    words = share_in_words(share)
    if not words:
        return ""
    by = words if words == "most of it" else f"about {words}"
    return f"Averaged over; knowing it would narrow the interval by {by}."
