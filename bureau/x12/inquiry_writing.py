"""The segments that 270, 271 and 278 share, and the levels they stand in."""

from __future__ import annotations

from collections.abc import Iterable

from bureau.x12.inquiries import Delivery, Diagnosis, Entity, Heading, Parties, Procedure, Rejection, Trace
from bureau.x12.scalars import AMOUNT_TEXTS, DATE_TEXTS, QUANTITY_TEXTS, format_time
from bureau.x12.values import Envelope
from bureau.x12.values271 import Circumstance
from bureau.x12.values837 import Dated
from bureau.x12.writing import Cleaner, address_segments, digits_of, name_segment, reference_segments, trim

LEVELS = ("20", "21", "22", "23")
_STRUCTURES = {"270": "0022", "271": "0022", "278": "0007"}  # BHT01
_PHONES = frozenset({"TE", "FX", "EX"})


class Levels:
    """Collects the levels of one set; ids count up and each HL tells whether a child follows."""

    def __init__(self) -> None:
        self._levels: list[tuple[int, str, list[str]]] = []  # parent id or 0, HL03, segments after the HL
        self._parents: set[int] = set()

    def add(self, parent: int, kind: str, segments: list[str]) -> int:
        """Add a level below `parent` (0: the top); returns its id."""
        self._levels.append((parent, kind, segments))
        self._parents.add(parent)
        return len(self._levels)

    def extend(self, level: int, segments: Iterable[str]) -> None:
        """Put more segments at the end of a level."""
        self._levels[level - 1][2].extend(segments)

    def segments(self) -> list[str]:
        out: list[str] = []
        for own, (parent, kind, segments) in enumerate(self._levels, 1):
            out.append(f"HL*{own}*{parent or ''}*{kind}*{1 if own in self._parents else 0}")
            out += segments
        return out


class Chains:
    """Opens the levels down to each patient; neighbours share those that stand above both.

    A patient's own level is never shared: a subscriber who is asked about has no dependents below that level.
    """

    def __init__(self, levels: Levels, clean: Cleaner) -> None:
        self._levels = levels
        self._clean = clean
        self._open: list[tuple[Entity, int]] = []

    def down_to(self, parties: Parties) -> int:
        """The level of the lowest of the parties; raises ValueError where one in between is missing."""
        wanted = chain_of(parties)
        shared, most = 0, min(len(wanted), len(self._open)) - 1
        while shared < most and self._open[shared][0] == wanted[shared]:
            shared += 1
        del self._open[shared:]
        for entity in wanted[shared:]:
            parent = self._open[-1][1] if self._open else 0
            level = self._levels.add(parent, LEVELS[len(self._open)], level_segments(entity, self._clean))
            self._open.append((entity, level))
        return self._open[-1][1]


def heading_segments(kind: str, version: str, one: Heading, envelope: Envelope, clean: Cleaner) -> list[str]:
    """ST and BHT."""
    created = one.created or envelope.created
    moment = f"{DATE_TEXTS[created.date()]}*{format_time(created)}"
    return [
        f"ST*{kind}*{one.control}*{version}",
        trim(f"BHT*{_STRUCTURES[kind]}*{clean[one.purpose]}*{clean[one.reference]}*{moment}*{clean[one.mode]}"),
    ]


def is_refused(parties: Parties) -> bool:
    """Whether any of the parties carries a refusal."""
    return any(one.rejections or one.level_rejections for one in chain_of(parties))


def chain_of(parties: Parties) -> list[Entity]:
    """The levels that are there, the payer first; raises ValueError where one in between is missing."""
    everyone = (parties.source, parties.receiver, parties.subscriber, parties.dependent)
    chain = [one for one in everyone if one is not None]
    if any(one is None for one in everyone[: len(chain)]):
        raise ValueError("between the payer and the patient no level can be left out")
    return chain


def level_segments(entity: Entity, clean: Cleaner) -> list[str]:
    """What stands below the HL of an entity."""
    return [
        *trace_segments(entity.traces, clean),
        *rejection_segments(entity.level_rejections, clean),
        *entity_segments(entity, clean),
    ]


def entity_segments(entity: Entity, clean: Cleaner) -> list[str]:
    """A name and all that hangs on it, in the one order that suits every place it can stand in."""
    party = entity.party
    return [
        name_segment(clean[entity.kind], party, clean),
        *reference_segments(party, clean),
        *address_segments(party, clean),
        *_contact_segments(entity, clean),
        *rejection_segments(entity.rejections, clean),
        *_role_segments(entity, clean),
        *_person_segments(entity, clean),
        *diagnosis_segments(entity.diagnoses, clean),
        *dated_segments(entity.dates, clean),
    ]


def _contact_segments(entity: Entity, clean: Cleaner) -> list[str]:
    out = []
    for contact in entity.contacts:
        numbers = [(kind, digits_of(value) if kind in _PHONES else clean[value]) for kind, value in contact.numbers]
        out.append("*".join(["PER*IC", clean[contact.name], *(f"{clean[kind]}*{value}" for kind, value in numbers)]))
    return [trim(segment) for segment in out]


def _role_segments(entity: Entity, clean: Cleaner) -> list[str]:
    role = entity.role
    return [] if role is None else [trim(f"PRV*{clean[role.code]}*{clean[role.id_kind]}*{clean[role.id]}")]


def _person_segments(entity: Entity, clean: Cleaner) -> list[str]:
    """DMG and INS."""
    out, party = [], entity.party
    if party.birth is not None or party.sex:
        born = f"D8*{DATE_TEXTS[party.birth]}" if party.birth is not None else "*"
        out.append(trim(f"DMG*{born}*{clean[party.sex]}"))
    if entity.relationship:
        holder = "Y" if entity.relationship == "18" else "N"
        change = f"{clean[entity.maintenance]}*{clean[entity.maintenance_reason]}"
        order = "" if entity.birth_order is None else f"{'*' * 13}{entity.birth_order}"
        out.append(trim(f"INS*{holder}*{clean[entity.relationship]}*{change}{order}"))
    return out


def trace_segments(traces: Iterable[Trace], clean: Cleaner) -> list[str]:
    return [trim(f"TRN*{clean[one.kind]}*{clean[one.number]}*{clean[one.origin]}*{clean[one.extra]}") for one in traces]


def rejection_segments(rejections: Iterable[Rejection], clean: Cleaner) -> list[str]:
    return [trim(f"AAA*{'Y' if one.is_valid else 'N'}**{clean[one.reason]}*{clean[one.action]}") for one in rejections]


def diagnosis_segments(diagnoses: tuple[Diagnosis, ...], clean: Cleaner) -> list[str]:
    """One HI; raises ValueError for more than twelve codes."""
    if len(diagnoses) > 12:
        raise ValueError("an HI holds at most twelve diagnoses")
    codes = [
        f"{clean[one.kind]}:{clean[one.code]}" + (f":D8:{DATE_TEXTS[one.on]}" if one.on is not None else "")
        for one in diagnoses
    ]
    return ["*".join(["HI", *codes])] if codes else []


def dated_segments(dates: Iterable[Dated], clean: Cleaner) -> list[str]:
    out = []
    for one in dates:
        first = DATE_TEXTS[one.first]
        if one.last is not None:
            out.append(f"DTP*{clean[one.kind]}*RD8*{first}-{DATE_TEXTS[one.last]}")
        elif one.clock:
            out.append(f"DTP*{clean[one.kind]}*DT*{first}{clean[one.clock]}")
        else:
            out.append(f"DTP*{clean[one.kind]}*D8*{first}")
    return out


def delivery_segments(deliveries: Iterable[Delivery], clean: Cleaner) -> list[str]:
    out = []
    for one in deliveries:
        quantity, every, periods = (
            "" if number is None else QUANTITY_TEXTS[number] for number in (one.quantity, one.every, one.periods)
        )
        out.append(
            trim(
                f"HSD*{clean[one.unit]}*{quantity}*{clean[one.per]}*{every}*{clean[one.period]}*{periods}"
                f"*{clean[one.pattern]}*{clean[one.time]}"
            )
        )
    return out


def procedure_text(procedure: Procedure | None, clean: Cleaner) -> str:
    """The composite, empty for None; raises ValueError for more than four modifiers."""
    if procedure is None:
        return ""
    if len(procedure.modifiers) > 4:
        raise ValueError("a procedure has at most four modifiers")
    modifiers = [clean[modifier] for modifier in procedure.modifiers] + [""] * (4 - len(procedure.modifiers))
    parts = [clean[procedure.kind], clean[procedure.code], *modifiers, clean[procedure.description][:80]]
    return ":".join([*parts, clean[procedure.through]]).rstrip(":")


def circumstance_segments(circumstances: Iterable[Circumstance], clean: Cleaner) -> list[str]:
    return [
        trim(f"III*{clean[one.kind]}*{clean[one.code]}*{clean[one.category]}*{clean[one.text][:264]}")
        for one in circumstances
    ]


def pointer_text(pointers: tuple[int, ...]) -> str:
    return ":".join(map(str, pointers))


def item_reference_segments(refs: tuple[tuple[str, str], ...], clean: Cleaner) -> list[str]:
    """The references of an item (those of a name are its party's)."""
    return [f"REF*{clean[kind]}*{clean[value]}" for kind, value in refs if value]


def amount_text(cents: int | None) -> str:
    return "" if cents is None else AMOUNT_TEXTS[cents]
