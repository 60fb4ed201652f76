"""HL7 v2: messages of a hospital's other systems, read and written. See docs/hl7v2.md."""
