"""The three doors, as the views hang their pages behind them."""

from __future__ import annotations

from clients.access import Door
from portal.guards import DoorBlueprint

front = DoorBlueprint(Door.FRONT)
back = DoorBlueprint(Door.BACK)
lab = DoorBlueprint(Door.LAB)
DOORS = (front, back, lab)
