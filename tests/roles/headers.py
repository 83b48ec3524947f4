"""What the headers of every answer keep others from: storing it, framing it, guessing its type, reading where one was."""

from typing import Any, Final

# What is the same for everybody who asks.
PUBLIC: Final = ("text/javascript", "text/css", "image/svg+xml")


def lacking(answer: Any, *, is_personal: bool) -> list[str]:
    """Return which headers an answer lacks; a personal one must be kept by nobody but its reader."""
    headers = answer.headers
    policy, kept = headers.get("Content-Security-Policy", ""), headers.get("Cache-Control", "")
    is_public = headers.get("Content-Type", "").startswith(PUBLIC)
    held = {
        "frame-ancestors": "frame-ancestors 'none'" in policy,
        "default-src": "default-src 'self'" in policy or "default-src 'none'" in policy,
        "X-Frame-Options": headers.get("X-Frame-Options") == "DENY",
        "X-Content-Type-Options": headers.get("X-Content-Type-Options") == "nosniff",
        "Referrer-Policy": headers.get("Referrer-Policy") == "same-origin",
        "Cache-Control": "private" in kept or "no-store" in kept or is_public or not is_personal,
    }
    return [name for name, is_held in held.items() if not is_held]
