"""Every field's label, unit, definition and plain words: one table for form, report and API.

Definitions follow the meaning of the questions in FRAX, so that answers are comparable, in our
own words.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class FieldWording:
    """How one field is asked and told.

    Attributes
    ----------
    label : str
        For a clinician, starting with a capital.
    unit : str
        As shown beside a number; empty for yes/no, choices and plain numbers.
    definition : str
        What counts, in one or two sentences.
    lay : str
        For a patient, starting with a capital; of a yes/no question, the words for "yes".
    lay_no : str
        The words for "no"; empty unless the field is a yes/no question.
    lay_low, lay_high : str
        The words for a low and for a high measurement: its bare name beside "higher risk" would
        read as a high measurement.
    lay_middle : float or None
        Where low ends. None where risk falls with every measurement of this kind, so that the
        direction of the risk tells.
    """

    label: str
    unit: str
    definition: str
    lay: str
    lay_no: str = ""
    lay_low: str = ""
    lay_high: str = ""
    lay_middle: float | None = None


FIELDS: dict[str, FieldWording] = {
    "population": FieldWording(
        "Population",
        "",
        "Whose fracture and death rates apply: usually those of where the person lives. It is "
        "never guessed. United States counts everybody alike, by census shares, and does not use "
        "race; the four groups are for services whose calculator asks for race or ethnicity.",
        "Where you live",
    ),
    "age_years": FieldWording(
        "Age", "years", "Between 40 and 90; the published results cover no other ages.", "Your age"
    ),
    "sex": FieldWording("Sex at birth", "", "As the published tables use it.", "Your sex at birth"),
    "weight_kg": FieldWording("Weight", "kg", "Measured without heavy clothing.", "Your weight"),
    "height_cm": FieldWording("Height", "cm", "Standing, measured without shoes.", "Your height"),
    "body_mass_index": FieldWording(
        "Body mass index",
        "kg/m²",
        "In place of weight and height, where only the index is at hand.",
        "Your weight for your height",
        lay_low="A lower weight for your height than most people",
        lay_high="A higher weight for your height than most people",
        # The median of the people that are averaged over (NHANES 2017-2018, published/people).
        lay_middle=29.0,
    ),
    "prior_fragility_fracture": FieldWording(
        "Prior fragility fracture",
        "",
        "A fracture in adult life that came by itself, or from a force that a healthy bone would "
        "have withstood, such as a fall from standing height. A vertebral fracture seen only on "
        "an image counts.",
        "A bone broken easily in adult life",
        "No bone broken easily in adult life",
    ),
    "number_of_prior_fractures": FieldWording(
        "Number of prior fragility fractures",
        "",
        "All fragility fractures in adult life, each event counted once.",
        "How many bones have broken easily",
    ),
    "prior_fracture_site": FieldWording(
        "Site of the latest fragility fracture",
        "",
        "Where the most recent one was.",
        "Which bone broke last",
    ),
    "prior_fracture_months_ago": FieldWording(
        "Time since the latest fragility fracture",
        "months",
        "Risk is highest in the first two years.",
        "How long ago the last bone broke",
    ),
    "parent_hip_fracture": FieldWording(
        "Parental hip fracture",
        "",
        "The patient’s mother or father has ever had a hip fracture.",
        "A parent who broke a hip",
        "Neither parent broke a hip",
    ),
    "current_smoker": FieldWording(
        "Current smoking",
        "",
        "Smokes tobacco now, in any amount; those who have stopped answer no.",
        "Smoking now",
        "Not smoking now",
    ),
    "glucocorticoids": FieldWording(
        "Oral glucocorticoids",
        "",
        "Takes oral glucocorticoids now, or has taken them for more than 3 months at 5 mg "
        "prednisolone daily or more (or an equal dose of another).",
        "Steroid tablets, now or for months in the past",
        "No long use of steroid tablets",
    ),
    "rheumatoid_arthritis": FieldWording(
        "Rheumatoid arthritis",
        "",
        "A confirmed diagnosis. Osteoarthritis does not count.",
        "Rheumatoid arthritis",
        "No rheumatoid arthritis",
    ),
    "secondary_osteoporosis": FieldWording(
        "Secondary osteoporosis",
        "",
        "A disorder strongly tied to bone loss: type 1 diabetes, osteogenesis imperfecta in an "
        "adult, long untreated hyperthyroidism, hypogonadism or menopause before 45, chronic "
        "malnutrition or malabsorption, chronic liver disease. It counts only where bone density "
        "is not known.",
        "An illness that is known to weaken bones",
        "No illness that is known to weaken bones",
    ),
    "alcohol_3_or_more_units_daily": FieldWording(
        "Alcohol, 3 or more units daily",
        "",
        "A unit is 8 to 10 g of alcohol: a small glass of beer, wine or spirits. Three or more "
        "on a usual day counts.",
        "Three or more alcoholic drinks on a usual day",
        "Fewer than three alcoholic drinks on a usual day",
    ),
    "glucocorticoid_dose_mg_daily": FieldWording(
        "Glucocorticoid dose", "mg/day", "As prednisolone, the usual daily dose.", "Steroid dose"
    ),
    "glucocorticoid_duration_months": FieldWording(
        "Glucocorticoid duration",
        "months",
        "All courses together.",
        "How long steroid tablets were taken",
    ),
    "femoral_neck_bmd_g_cm2": FieldWording(
        "Femoral neck BMD",
        "g/cm²",
        "As the scanner printed it; the manufacturer is needed, because the same bone reads "
        "differently on each.",
        "Bone density at the hip (neck of the thigh bone)",
        lay_low="Thinner bone at the hip than is usual at your age",
        lay_high="Denser bone at the hip than is usual at your age",
    ),
    "total_hip_bmd_g_cm2": FieldWording(
        "Total hip BMD",
        "g/cm²",
        "As the scanner printed it; the manufacturer is needed.",
        "Bone density at the whole hip",
        lay_low="Thinner bone at the hip than is usual at your age",
        lay_high="Denser bone at the hip than is usual at your age",
    ),
    "lumbar_spine_bmd_g_cm2": FieldWording(
        "Lumbar spine BMD",
        "g/cm²",
        "L1 to L4, as the scanner printed it; the manufacturer is needed.",
        "Bone density of the lower back",
        lay_low="Thinner bone in the lower back than is usual at your age",
        lay_high="Denser bone in the lower back than is usual at your age",
    ),
    "dxa_manufacturer": FieldWording(
        "DXA manufacturer", "", "Who made the scanner that the BMD comes from.", "The scanner"
    ),
    "femoral_neck_t_score": FieldWording(
        "Femoral neck T-score",
        "",
        "Standard deviations from the mean of young white women (NHANES III), for both sexes; not "
        "the Z-score, which compares with people of the same age. Used where no BMD is given.",
        "Bone density at the hip",
        lay_low="Thinner bone at the hip than is usual at your age",
        lay_high="Denser bone at the hip than is usual at your age",
    ),
    "total_hip_t_score": FieldWording(
        "Total hip T-score",
        "",
        "Against young white women (NHANES III); not the Z-score. Counts where the femoral neck is "
        "not known.",
        "Bone density at the whole hip",
        lay_low="Thinner bone at the hip than is usual at your age",
        lay_high="Denser bone at the hip than is usual at your age",
    ),
    "lumbar_spine_t_score": FieldWording(
        "Lumbar spine T-score",
        "",
        "L1 to L4, as reported; not the Z-score. It counts by its distance from what is usual at "
        "this femoral neck.",
        "Bone density of the lower back",
        lay_low="Thinner bone in the lower back than is usual at your age",
        lay_high="Denser bone in the lower back than is usual at your age",
    ),
    "dxa_date": FieldWording(
        "Date of the DXA", "", "When bone density was measured.", "When the bone scan was made"
    ),
    "trabecular_bone_score": FieldWording(
        "Trabecular bone score",
        "",
        "The value of the licensed product, if one is at hand; it counts with its published "
        "association. Our own texture score is another scale and is not this.",
        "The fine structure of the spine",
        lay_low="A coarser bone structure in the spine than is usual",
        lay_high="A finer bone structure in the spine than is usual",
    ),
    "lumbar_texture_score": FieldWording(
        "Lumbar texture score",
        "",
        "Our own texture measure of L1 to L4 on the DXA image, on its own scale, not the "
        "trabecular bone score. No study links it to fractures, so it does not count.",
        "The fine structure of the spine on the scan",
        lay_low="A coarser bone structure on the scan than is usual",
        lay_high="A finer bone structure on the scan than is usual",
    ),
    "l1_attenuation_hu": FieldWording(
        "L1 attenuation",
        "HU",
        "Mean CT attenuation of trabecular bone in L1, without contrast.",
        "Bone density on a CT scan",
        lay_low="Thinner bone on the CT scan than is usual at your age",
        lay_high="Denser bone on the CT scan than is usual at your age",
    ),
    "l1_vbmd_mg_cm3": FieldWording(
        "L1 volumetric BMD",
        "mg/cm³",
        "Trabecular bone in L1 on calibrated CT.",
        "Bone density on a calibrated CT scan",
        lay_low="Thinner bone on the CT scan than is usual at your age",
        lay_high="Denser bone on the CT scan than is usual at your age",
    ),
    "hip_axis_length_mm": FieldWording(
        "Hip axis length",
        "mm",
        "From the base of the greater trochanter to the inner pelvic rim, on hip DXA. It does not "
        "count: published means differ too much between scanners.",
        "The length of the hip bone",
    ),
    "falls_last_year": FieldWording(
        "Falls in the last year",
        "",
        "Every fall, with or without injury. Two or more raise the risk.",
        "Falls",
        lay_low="At most one fall in the last year",
        lay_high="Two or more falls in the last year",
        lay_middle=1.5,
    ),
    "type_2_diabetes_years": FieldWording(
        "Years with type 2 diabetes",
        "years",
        "Since diagnosis; 0 without. Any number above 0 counts alike.",
        "Type 2 diabetes",
        lay_low="No type 2 diabetes",
        lay_high="Type 2 diabetes",
        lay_middle=0.001,
    ),
    "postmenopausal": FieldWording(
        "Postmenopausal",
        "",
        "A year or more since the last period. Used by guidelines, not by the estimate.",
        "After the menopause",
        "Before the menopause",
    ),
    "osteoporosis_treatment": FieldWording(
        "Osteoporosis treatment",
        "",
        "Drug class taken now. The estimates are for people who take none.",
        "Medicine for osteoporosis",
    ),
    "osteoporosis_treatment_years": FieldWording(
        "Years on treatment", "years", "With the present drug.", "Years on the medicine"
    ),
}
