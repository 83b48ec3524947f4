"""A field that people do not see: programs that fill in every form betray themselves by it."""

from typing import Final

from django.http import HttpRequest

NAME: Final = "website"


def is_trapped(request: HttpRequest) -> bool:
    """Whether the field of `parts/trap.html` was filled in. Whoever did is answered as if all were well."""
    return bool(request.POST.get(NAME, ""))
