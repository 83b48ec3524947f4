"""
The addresses of a child's pages: those of the student's own, below one of the child's.

While a page of a child is made, every address in it leads to the child's pages, by the prefix that Django puts before what it
reverses; what is not a student's own leads back to the guardian's (`views.child`).
"""

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

from django.urls import get_script_prefix, set_script_prefix


def prefix_of(student_id: UUID) -> str:
    """Return where the pages of a child begin, with slashes at both ends."""
    return f"/children/{student_id}/"


@contextmanager
def below(student_id: UUID) -> Iterator[None]:
    """Let addresses lead to the pages of a child meanwhile."""
    before = get_script_prefix()
    set_script_prefix(prefix_of(student_id))
    try:
        yield
    finally:
        set_script_prefix(before)
