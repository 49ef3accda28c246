"""Every page, by door; a view parses, asks one desk or query, and renders."""

# Each module hangs its pages behind a door when it is imported; the app imports those named here.
PAGES = (
    "search",
    "front.home",
    "front.upload",
    "front.mapping",
    "front.uploads",
    "front.questions",
    "front.claims",
    "front.reports",
    "back.today",
    "back.clients",
    "back.work",
    "back.claims",
    "back.claim_forms",
    "back.files",
    "back.money",
    "back.jobs",
    "back.reports",
    "lab.scenarios",
    "lab.runs",
    "lab.payers",
)
