"""The tables of whom we serve: practices, their contracts, payers and people, and their plan of jobs."""

import clients.audit.watch  # noqa: F401  whoever has the tables has them watched
from clients.audit.tables import AuditEntry, AuditHead
from clients.models.contract import (
    AddOn,
    Agreement,
    AgreementKind,
    FeeBasis,
    FeeTerm,
    SlaClause,
    TierPeriod,
    TierRequest,
    TierRequestState,
)
from clients.models.payers import ContractRate, Enrollment, EnrollmentState, ExpectedVolume, Fee, Payer
from clients.models.people import (
    Challenge,
    Invitation,
    Membership,
    Miss,
    PersonAct,
    RecoveryCode,
    SignIn,
    User,
)
from clients.models.plan import JobPlan
from clients.models.practice import (
    Client,
    ClientState,
    Contact,
    Location,
    MappingProfile,
    Provider,
    Rehearsal,
    StageChange,
)
from clients.scope import NO_ROWID

__all__ = [
    "NO_ROWID",
    "AddOn",
    "Agreement",
    "AgreementKind",
    "AuditEntry",
    "AuditHead",
    "Challenge",
    "Client",
    "ClientState",
    "Contact",
    "ContractRate",
    "Enrollment",
    "EnrollmentState",
    "ExpectedVolume",
    "Fee",
    "FeeBasis",
    "FeeTerm",
    "Invitation",
    "JobPlan",
    "Location",
    "MappingProfile",
    "Membership",
    "Miss",
    "Payer",
    "PersonAct",
    "Provider",
    "RecoveryCode",
    "Rehearsal",
    "SignIn",
    "SlaClause",
    "StageChange",
    "TierPeriod",
    "TierRequest",
    "TierRequestState",
    "User",
]
