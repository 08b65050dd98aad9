"""The tables that are only ever appended; of some, the rows of an erased patient are let go."""

ERASABLE = ("clinic_event", "clinic_review", "clinic_act")
APPENDED = (*ERASABLE, "clinic_audit", "clinic_erasure", "clinic_keptpack")
