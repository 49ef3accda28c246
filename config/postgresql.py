"""What PostgreSQL's driver has to be told: a sum of whole cents comes back as an int."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from psycopg.abc import Buffer
from psycopg.adapt import Loader
from sqlalchemy import Engine, event


class WholeNumbers(Loader):
    """A numeric as the database writes it: an int where it has no fraction, else the exact Decimal."""

    def load(self, data: Buffer) -> int | Decimal:
        value = Decimal(bytes(data).decode())
        return int(value) if value.is_finite() and value == value.to_integral_value() else value


def read_whole_numbers(engine: Engine) -> Engine:
    """Take numerics as int where they are whole: there a sum of bigint columns is a numeric."""

    @event.listens_for(engine, "connect")
    def set_loader(connection: Any, _record: Any) -> None:
        connection.adapters.register_loader("numeric", WholeNumbers)

    return engine
