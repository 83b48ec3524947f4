"""How the API writes JSON."""

import json
from datetime import UTC, datetime
from typing import Any

from django.http import HttpRequest
from ninja.renderers import BaseRenderer
from ninja.responses import NinjaJSONEncoder


class UtcEncoder(NinjaJSONEncoder):
    """Writes every moment in UTC with `Z`, whatever zone it was computed in."""

    def default(self, o: Any) -> Any:
        """Return what JSON can hold in place of `o`."""
        if isinstance(o, datetime) and o.tzinfo is not None:
            o = o.astimezone(UTC)
        return super().default(o)


class UtcRenderer(BaseRenderer):
    """JSON as UTF-8 rather than escapes: half of the names here are Arabic."""

    media_type = "application/json"

    def render(self, request: HttpRequest, data: Any, *, response_status: int) -> str:
        """Return `data` as JSON."""
        return json.dumps(data, cls=UtcEncoder, ensure_ascii=False)
