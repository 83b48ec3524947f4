"""Text that runs from left to right among text that runs from right to left, and the other way round."""


def isolated(text: str) -> str:
    """Keep words that run the other way, such as a name, from turning those around them. For plain text; pages have <bdi>."""
    return f"\N{FIRST STRONG ISOLATE}{text}\N{POP DIRECTIONAL ISOLATE}"
