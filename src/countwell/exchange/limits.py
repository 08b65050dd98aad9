"""How large an input may be before it is refused unread."""

LARGEST_BYTES = 64 * 1024 * 1024
DEEPEST_NESTING = 64
MOST_EVENTS = 50_000
LONGEST_TEXT = 20_000
LONGEST_SHOWN = 200


def clipped(text: str) -> str:
    """A sent text, short enough to be shown to a person and fit to be printed."""
    shown = text if len(text) <= LONGEST_SHOWN else text[:LONGEST_SHOWN] + "…"
    return "".join(character if character.isprintable() else "\N{REPLACEMENT CHARACTER}" for character in shown)
