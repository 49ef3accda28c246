"""What the bureau does by itself for a client, where it differs from the plan of the tier."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from clients.scope import NO_ROWID, ClientOwned
from config.database import Base


class JobPlan(ClientOwned, Base):
    """One job of a client's schedule as staff changed it; a job without a row runs as the tier's template says.

    `cron` has five fields with day *names* (APScheduler counts Monday as 0); `opens` and `closes` are the window
    in which a slot may start, HH:MM in the plan's time zone, empty for the whole day.
    """

    __tablename__ = "job_plans"
    job: Mapped[str]
    cron: Mapped[str]
    time_zone: Mapped[str] = mapped_column(default="")  # empty: the client's
    opens: Mapped[str] = mapped_column(default="")
    closes: Mapped[str] = mapped_column(default="")
    is_paused: Mapped[bool] = mapped_column(default=False)
    paused_reason: Mapped[str] = mapped_column(default="")
    changed_at: Mapped[datetime]
    changed_by: Mapped[str]
    __table_args__ = (UniqueConstraint("client_id", "job"), NO_ROWID)
