"""Every page, by door; a view parses, asks one desk or query, and renders."""

# Each module hangs its pages behind a door when it is imported; the app imports those named here.
PAGES = (
    "search",
    "front.home",
    "back.today",
    "lab.scenarios",
)
