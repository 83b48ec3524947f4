"""What the API takes and answers about what is kept of people."""

from typing import Literal
from uuid import UUID

from classbell.wire import Input, Line, Moment, Output


class ExportOut(Output):
    """A copy of what is kept of somebody. `url` answers 202 until it is ready, then the ZIP."""

    id: UUID
    status: Literal["pending", "ready"]
    asked_at: Moment
    url: str


class ExportAnswer(Output):
    """An export that is being made."""

    export: ExportOut


class Confirmation(Input):
    """Who is meant, once more: their e-mail, or the name of who has none."""

    confirm: Line


class ErasureOut(Output):
    """An erasure that was asked for."""

    id: UUID
    person_id: UUID
    status: Literal["pending", "done"]
    asked_at: Moment


class ErasureAnswer(Output):
    """What was asked for."""

    erasure: ErasureOut
