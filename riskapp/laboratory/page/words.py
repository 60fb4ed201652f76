"""What the words of a report mean, as the documentation's page of words says."""

from riskapp.laboratory.page.markup import Markup, tag

WORDS = (
    ("evidence", "published effects and rates, with no cohort of the site in them; the answer that "
     "is shown first"),
    ("learned engine", "one that starts from the evidence and moves away from it as far as a "
     "cohort shows"),
    ("FRAX's convention", "what is not known of yes-or-no questions counts as no"),
    ("simulated", "of people whom a program made up; such numbers show how things work and tell "
     "nothing about patients"),
    ("event", "the first fracture of a kind after baseline, or death"),
    ("95 % interval", "how sure a number is, given so many people; not how fate varies"),
    ("C", "of two people, how often the one with the higher probability had the fracture first: "
     "0.5 is chance, 1 is always (Harrell)"),
    ("Uno's C", "the same, weighted so that how long people were followed does not matter"),
    ("AUC at a year", "of one person with the fracture by then and one without, how often the "
     "first had the higher probability"),
    ("observed", "the share who had the event by then, as if nobody had been lost, with death "
     "taken for an end (Aalen and Johansen)"),
    ("observed / expected", "the share who had the fracture over the mean probability: 1 is exact, "
     "below 1 the model says too much, above 1 too little"),
    ("calibration slope", "1 if probabilities are spread as they should be; below 1 they are too "
     "extreme"),
    ("Brier score", "the mean squared distance of a probability from what happened; lower is "
     "better"),
    ("IPA", "how much smaller the Brier score is than if everybody were given the same "
     "probability; 0 is no better"),
    ("threshold", "the probability from which a guideline considers treatment"),
    ("net benefit", "people rightly found less people wrongly found, weighed by a threshold"),
    ("reclassification", "who moves across a guideline's threshold when another engine is asked"),
    ("proportional hazards", "what a prediction stands for is the same in the first year as in the "
     "last"),
    ("log hazard", "the scale on which parts of a model add up; 0.7 is twice, 0.1 a tenth more"),
    ("importance", "how much an input moves an answer on average"),
    ("partial dependence, accumulated local effect", "how the hazard changes along one input: over "
     "everybody, or only among people who are near each value"),
    ("cross-validation", "everybody is predicted by an engine that was fitted without them"),
    ("nested", "whatever an engine chooses, it chooses without them too"),
    ("optimism", "how much better a fit looks on its own people than on others"),
    ("resamples", "the same people drawn again, some twice and some not at all, to see how far a "
     "figure goes by chance"),
)  # fmt: skip


def words() -> Markup:
    """A list of them."""
    return tag(
        "dl", ((tag("dt", word), tag("dd", meaning)) for word, meaning in WORDS), class_="facts"
    )
