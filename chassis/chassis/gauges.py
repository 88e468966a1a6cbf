"""What is waiting in a service's outbox and inbox, read from the database when somebody asks."""

from collections.abc import Iterable

from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector
from sqlalchemy import Engine, text
from sqlalchemy.exc import SQLAlchemyError

_UNPUBLISHED = "outbox WHERE published_at IS NULL"
_WAITING = {
    "xiaoke_outbox_unpublished": (
        "Events that were not published yet.",
        f"SELECT count(*) FROM {_UNPUBLISHED}",
    ),
    "xiaoke_outbox_oldest_seconds": (
        "Age of the oldest event that was not published yet.",
        f"SELECT extract(epoch FROM now() - min(recorded_at)) FROM {_UNPUBLISHED}",
    ),
    "xiaoke_outbox_unroutable": (
        "Events that no queue wanted when they were last tried.",
        f"SELECT count(*) FROM {_UNPUBLISHED} AND unroutable_at IS NOT NULL",
    ),
    "xiaoke_inbox_pending": (
        "Events that have had no effect yet.",
        "SELECT count(*) FROM inbox WHERE state = 'pending'",
    ),
    "xiaoke_inbox_lag_seconds": (
        "Since when the oldest event that is due waits for its effect.",
        "SELECT extract(epoch FROM now() - min(next_at)) FROM inbox WHERE state = 'pending'",
    ),
    "xiaoke_inbox_parked": (
        "Events that wait for a person.",
        "SELECT count(*) FROM inbox WHERE state = 'parked'",
    ),
}


class Waiting(Collector):
    """Gauges over the database; where that is away there is nothing to say."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def collect(self) -> Iterable[GaugeMetricFamily]:
        """Every gauge with its value now."""
        try:
            with self._engine.connect() as connection:
                for name, (meaning, query) in _WAITING.items():
                    value = connection.execute(text(query)).scalar()
                    yield GaugeMetricFamily(name, meaning, value=max(0.0, float(value or 0)))
        except SQLAlchemyError:
            return

    def describe(self) -> Iterable[GaugeMetricFamily]:
        """Nothing: registering asks no database."""
        return ()
