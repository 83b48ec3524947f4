"""One API call as its handler sees it."""

from dataclasses import dataclass

from zoomsim.protocol.errors import not_json
from zoomsim.protocol.wire import Json, parse_object
from zoomsim.simulation import Simulation


@dataclass(slots=True)
class Call:
    """The simulation, what stands in the path, and what was sent. Path values are percent-decoded once."""

    sim: Simulation
    values: dict[str, str]
    query: dict[str, str]
    raw_body: bytes

    def __getitem__(self, name: str) -> str:
        return self.values[name]

    def body(self) -> Json:
        """Return the JSON object that was sent. Raises ZoomError 400/300 for anything else."""
        try:
            return parse_object(self.raw_body)
        except ValueError:
            raise not_json() from None

    def flag(self, name: str) -> bool:
        """Whether a query parameter says true."""
        return self.query.get(name, "").lower() == "true"
