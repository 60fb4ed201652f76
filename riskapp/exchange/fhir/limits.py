"""How much of a record is read, and where its rules draw the line: one table."""

# A hospital's $everything of one person has some thousands.
MOST_RESOURCES = 20_000
# No concept, panel or list of a real record comes near it; what is beyond is not looked at.
MOST_PARTS = 500
# Bundles in a bundle, contained in contained, panels in panels.
DEEPEST = 5
LONGEST_TEXT = 200  # characters of a name, code or sentence that is kept
# Oldest person on record died at 122; a birthday beyond is a slip.
OLDEST_YEARS = 122
# "In the last year": what was asked earlier tells of another year.
FALLS_TELL_OF_MONTHS = 12
# Records of one site within this are follow-up of one fracture, as registries count them
# (assumption: 6 months).
SAME_FRACTURE_DAYS = 183
# The contract: oral glucocorticoids now, or for more than 3 months at 5 mg prednisolone or more.
GLUCOCORTICOID_MONTHS, GLUCOCORTICOID_MG = 3, 5
# Prescriptions with less between them are one course, as drug registries join them (assumption).
ONE_COURSE_GAP_DAYS = 30
# How long one dose works on: denosumab is given every 6 months, zoledronate every 12
# (their labels; recalled, to be confirmed); a month or two late is still treatment.
ACTS_FOR_MONTHS = {"denosumab": 7, "zoledronate": 14}
# A unit of alcohol is 8 to 10 g (contract); a drink is 8 to 14 g by country (recalled); a glass
# of wine holds 100 to 200 ml at 10 to 13 per cent (recalled).
GRAMS_OF_A_UNIT, GRAMS_OF_A_DRINK, GRAMS_OF_A_GLASS = (8, 10), (8, 14), (8, 20)
UNITS_DAILY = 3
