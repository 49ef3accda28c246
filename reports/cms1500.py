"""Paper claims as PDF: data on the grid of a preprinted CMS-1500, or a copy to read with boxes of our own."""

from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import date

from reportlab.lib.colors import HexColor
from reportlab.lib.pagesizes import letter
from reportlab.pdfgen.canvas import Canvas

from bureau.rules.cms1500 import BOXES, LETTERS, LINES_PER_PAGE, Box

COLUMN, ROW = 7.2, 12.0  # points: ten characters and six lines an inch
LEFT, TOP = 18.0, letter[1]  # where column 1 begins and row 1 hangs, on the form as it is printed
FONT, SIZE = "Courier", 12  # 12-point Courier is ten characters an inch
LABEL_FONT, LABEL_SIZE = "Helvetica", 5.5
LINE_COLOR, LABEL_COLOR = HexColor("#8fa3b5"), HexColor("#51657a")

# What the copy to read calls its boxes, each over the area it covers: (label, rows above, first box, last box).
FRAMES: tuple[tuple[str, int, int, int, int], ...] = (
    ("", 2, 5, 41, 79),
    ("1 Kind of cover", 7, 8, 1, 48),
    ("1a Insured's number", 7, 8, 50, 79), ("2 Patient", 9, 10, 1, 28), ("3 Born, sex", 9, 10, 30, 48),
    ("4 Insured", 9, 10, 50, 79), ("5 Patient's street", 11, 12, 1, 28),
    ("6 Patient is", 11, 12, 30, 48), ("7 Insured's street", 11, 12, 50, 79),
    ("City", 13, 14, 1, 24), ("State", 13, 14, 25, 28), ("City", 13, 14, 50, 72), ("State", 13, 14, 73, 79),
    ("ZIP", 15, 16, 1, 13), ("Telephone", 15, 16, 14, 28), ("ZIP", 15, 16, 50, 63), ("Telephone", 15, 16, 64, 79),
    ("9 Other insured", 17, 18, 1, 28), ("11 Group number", 17, 18, 50, 79),
    ("9a Other group or number", 19, 20, 1, 28), ("10a Employment?", 19, 20, 30, 48),
    ("11a Insured born, sex", 19, 20, 50, 79), ("10b Auto accident?, state", 21, 22, 30, 48),
    ("11b Other claim number", 21, 22, 50, 79), ("10c Other accident?", 23, 24, 30, 48),
    ("11c Plan", 23, 24, 50, 79), ("9d Other plan", 25, 26, 1, 28), ("10d Claim codes", 25, 26, 30, 48),
    ("11d Another plan?", 25, 26, 50, 79), ("12 Patient's signature", 28, 29, 1, 48),
    ("13 Insured's signature", 28, 29, 50, 79), ("14 Illness began, kind of date", 31, 32, 1, 28),
    ("15 Kind, other date", 31, 32, 30, 48), ("16 Unable to work from, to", 31, 32, 50, 79),
    ("17 Referred or ordered by", 33, 34, 1, 28), ("17b NPI", 33, 34, 30, 48),
    ("18 In hospital from, to", 33, 34, 50, 79), ("19 More", 35, 36, 1, 48),
    ("20 Outside lab?, charge", 35, 36, 50, 79),
    ("21 Diagnoses, code set", 37, 40, 1, 48), ("22 Resubmission, payer's number", 37, 38, 50, 79),
    ("23 Authorization", 39, 40, 50, 79), ("25 Tax number, SSN | EIN", 55, 56, 1, 21), ("26 Our claim", 55, 56, 22, 36),
    ("27 Assigned?", 55, 56, 37, 48), ("28 Charge", 55, 56, 50, 60), ("29 Paid", 55, 56, 61, 71),
    ("31 Physician's signature, date", 57, 61, 1, 21), ("32 Place of service", 57, 60, 22, 48),
    ("33 Billing provider", 57, 60, 50, 79), ("32a", 61, 61, 22, 34), ("33a", 61, 61, 50, 61),
    ("33b", 61, 61, 62, 79),
)  # fmt: skip
# The word behind the place of each cross.
CHOICES = {
    "medicare": "Medicare", "medicaid": "Medicaid", "tricare": "TRICARE", "champva": "CHAMPVA", "group": "group",
    "feca": "FECA", "other": "o.", "self": "self", "spouse": "spouse", "child": "child", "yes": "yes", "no": "no",
    "M": "M", "F": "F",
}  # fmt: skip
HEADS = (
    ("24 From", 1), ("to", 10), ("Place", 19), ("EMG", 22), ("Procedure", 25), ("Modifiers", 33), ("Dx", 45),
    ("Charge", 50), ("Units", 59), ("EPSDT", 63), ("Rendering NPI", 68),
)  # fmt: skip


def draw_cms1500(
    pages: Sequence[dict[str, str]], *, made_on: date, preprinted: bool = False, shift: tuple[float, float] = (0, 0)
) -> bytes:
    """The pages of a paper claim as one PDF on US Letter; the same pages give the same bytes.

    `preprinted` leaves out everything but the data, for the red form in the printer; `shift` moves it by so many
    points to the right and down, for a printer that pulls the paper in askew.
    """
    out = io.BytesIO()
    canvas = Canvas(out, pagesize=letter, invariant=1, pageCompression=1)
    canvas.setTitle("CMS-1500")
    canvas.setSubject(f"Paper claim of {made_on:%Y-%m-%d}")
    for page in pages:
        if not preprinted:
            _draw_frames(canvas)
        canvas.translate(shift[0], -shift[1])
        canvas.setFont(FONT, SIZE)
        canvas.setFillColor("black")
        for name, text in page.items():
            _draw_text(canvas, BOXES[name], text)
        canvas.showPage()
    canvas.save()
    return out.getvalue()


def _x(column: int) -> float:
    return LEFT + (column - 1) * COLUMN


def _y(row: int) -> float:
    """The foot of a row."""
    return float(TOP - row * ROW)


def _draw_text(canvas: Canvas, box: Box, text: str) -> None:
    padding = (box.width - len(text)) * COLUMN if box.right else 0
    canvas.drawString(_x(box.column) + padding, _y(box.row) + 3, text)


def _draw_frames(canvas: Canvas) -> None:
    canvas.setStrokeColor(LINE_COLOR)
    canvas.setFillColor(LABEL_COLOR)
    canvas.setLineWidth(0.4)
    canvas.setFont(LABEL_FONT, 9)
    canvas.drawString(_x(1), _y(3), "Claim on paper (CMS-1500 02/12), copy to read")
    canvas.setFont(LABEL_FONT, LABEL_SIZE)
    for label, first, last, left, right in FRAMES:
        foot, head = _y(last), _y(first - 1)
        canvas.rect(_x(left) - 2, foot, _x(right + 1) - _x(left), head - foot)
        canvas.drawString(_x(left), head - LABEL_SIZE - 0.5, label)
    _draw_lines(canvas)
    for name, box in BOXES.items():
        choice = CHOICES.get(name.partition(".")[2])
        if choice and box.width == 1:
            canvas.drawString(_x(box.column + 1) + 1, _y(box.row) + 3, choice)
    for letter_name in LETTERS:
        box = BOXES[f"21.{letter_name}"]
        canvas.drawString(_x(box.column - 1) - 2, _y(box.row) + 3, letter_name)


def _draw_lines(canvas: Canvas) -> None:
    """The table of item 24."""
    for label, column in HEADS:
        canvas.drawString(_x(column), _y(42) + 1, label)
    for line in range(LINES_PER_PAGE + 1):
        foot = _y(42 + 2 * line) - 1
        canvas.line(_x(1) - 2, foot, _x(80) - 2, foot)
