"""What is not known, put to the patient: as a question to them, or as what the clinic finds out."""

# Short and without medical words: they are read on paper, perhaps alone.
PATIENT_CAN_TELL: dict[str, str] = {
    "prior_fragility_fracture": "Have you broken a bone easily as an adult?",
    "parent_hip_fracture": "Did your mother or father ever break a hip?",
    "current_smoker": "Do you smoke?",
    "glucocorticoids": "Do you take steroid tablets, or did you for more than 3 months?",
    "alcohol_3_or_more_units_daily": ("Do you have three or more alcoholic drinks on a usual day?"),
    "rheumatoid_arthritis": "Has a doctor told you that you have rheumatoid arthritis?",
}
CLINIC_CAN_FIND_OUT: dict[str, str] = {
    "secondary_osteoporosis": "Whether you have an illness that is known to weaken bones",
    "body_mass_index": "Your weight for your height",
    "femoral_neck_t_score": "How dense the bone at your hip is",
}


def lay_strings() -> tuple[str, ...]:
    """Every sentence for patients that lives here, for a catalogue of translations."""
    return (*PATIENT_CAN_TELL.values(), *CLINIC_CAN_FIND_OUT.values())
