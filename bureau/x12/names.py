"""Plain names: what each segment and each loop is, in the words of this house."""

from __future__ import annotations

SEGMENTS: dict[str, str] = {
    "ISA": "Interchange header", "IEA": "Interchange trailer", "GS": "Group header", "GE": "Group trailer",
    "ST": "Transaction header", "SE": "Transaction trailer", "TA1": "Interchange acknowledgement",
    "BHT": "Purpose and reference", "HL": "Level", "NM1": "Name", "N1": "Name", "N2": "More of the name",
    "N3": "Street", "N4": "City, state, ZIP", "REF": "Reference number", "PER": "Contact",
    "PRV": "Provider taxonomy", "DMG": "Birth and sex", "SBR": "Coverage", "PAT": "Patient and relationship",
    "CUR": "Currency", "CLM": "Claim", "DTP": "Date", "CL1": "Admission", "PWK": "Attachment",
    "CN1": "Contract", "AMT": "Amount", "K3": "File note", "NTE": "Note", "CR1": "Ambulance trip",
    "CR2": "Spinal treatment", "CR3": "Equipment certification", "CRC": "Condition", "HI": "Diagnoses and codes",
    "HCP": "Repricing", "OI": "Other insurance", "MOA": "Outpatient remarks", "MIA": "Inpatient remarks",
    "LX": "Line number", "SV1": "Professional service", "SV2": "Institutional service", "SV5": "Equipment service",
    "PS1": "Purchased service", "MEA": "Measurement", "QTY": "Quantity", "LIN": "Drug code",
    "CTP": "Drug quantity", "SVD": "Other payer's line decision", "CAS": "Adjustment", "LQ": "Code list",
    "FRM": "Form answer", "TST": "Test result", "BPR": "Payment", "TRN": "Trace number", "DTM": "Date",
    "RDM": "Remittance delivery", "TS2": "Inpatient totals", "TS3": "Provider totals", "CLP": "Claim payment",
    "SVC": "Service payment", "PLB": "Provider adjustment", "AK1": "Group acknowledged",
    "AK2": "Transaction acknowledged", "AK3": "Segment error", "AK4": "Element error",
    "AK5": "Transaction verdict", "AK9": "Group verdict", "IK3": "Segment error", "IK4": "Element error",
    "IK5": "Transaction verdict", "CTX": "Context of the error", "STC": "Status", "BLT": "Bill type",
    "EQ": "Benefit asked", "EB": "Benefit", "AAA": "Refusal", "MSG": "Message", "HSD": "Delivery of services",
    "III": "More about the benefit", "INS": "Insured's relationship", "MPI": "Military service",
    "LS": "Loop begins", "LE": "Loop ends", "UM": "Review asked", "HCR": "Review decision", "DTS": "Date",
}  # fmt: skip

LOOPS: dict[str, str] = {
    "ISA": "Interchange", "GS": "Group", "ST": "Transaction", "1000A": "Sender", "1000B": "Receiver",
    "2000A": "Billing provider level", "2010AA": "Billing provider", "2010AB": "Pay-to address",
    "2010AC": "Pay-to plan", "2000B": "Subscriber level", "2010BA": "Subscriber", "2010BB": "Payer",
    "2000C": "Patient level", "2010CA": "Patient", "2300": "Claim", "2310A": "Referring provider",
    "2310B": "Rendering provider", "2310C": "Service facility", "2310D": "Supervising provider",
    "2310E": "Ambulance pick-up", "2310F": "Ambulance drop-off", "2320": "Other coverage",
    "2330A": "Other subscriber", "2330B": "Other payer", "2330": "Other coverage's provider",
    "2400": "Service line", "2410": "Drug", "2420": "Line provider", "2430": "Other payer's line decision",
    "2440": "Form", "2000": "Group of claims", "2100": "Claim payment", "2110": "Service payment",
    "PLB": "Provider adjustments", "2000D": "Patient level", "2200": "Answer",
}  # fmt: skip
