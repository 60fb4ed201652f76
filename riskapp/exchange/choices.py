"""The answers that can be picked, by field, as they are shown."""

CHOICES: dict[str, dict[str, str]] = {
    "sex": {"female": "Female", "male": "Male"},
    "prior_fracture_site": {
        "hip": "Hip",
        "vertebra": "Vertebra",
        "humerus": "Humerus",
        "forearm": "Forearm",
        "other": "Other",
    },
    "dxa_manufacturer": {"hologic": "Hologic", "ge_lunar": "GE Lunar", "norland": "Norland"},
    "osteoporosis_treatment": {
        "none": "No medicine",
        "oral_bisphosphonate": "Oral bisphosphonate",
        "zoledronate": "Zoledronate",
        "denosumab": "Denosumab",
        "raloxifene": "Raloxifene",
        "teriparatide": "Teriparatide",
        "abaloparatide": "Abaloparatide",
        "romosozumab": "Romosozumab",
        "menopausal_hormone_therapy": "Menopausal hormone therapy",
        "other": "Other",
    },
}
