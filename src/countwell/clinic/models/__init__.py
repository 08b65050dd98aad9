"""What the clinic keeps. Events, reviews, acts and the audit are only ever appended; triggers in the database see to it."""

from countwell.clinic.models.acts import Act, Review
from countwell.clinic.models.audit import Audit
from countwell.clinic.models.erasures import Erasure
from countwell.clinic.models.held import Held, Message
from countwell.clinic.models.letters import Letter
from countwell.clinic.models.patients import Event, Patient, Standing
from countwell.clinic.models.people import Clinic, Person, Relation, StandIn, Typed
from countwell.clinic.models.proposals import Proposal
from countwell.clinic.models.rules import KeptPack, PackState, Run, Switch

__all__ = [
    "Act", "Audit", "Clinic", "Erasure", "Event", "Held", "KeptPack", "Letter", "Message", "PackState", "Patient", "Person",
    "Proposal", "Relation", "Review", "Run", "StandIn", "Standing", "Switch", "Typed",
]  # fmt: skip
