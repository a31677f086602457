"""How the words are written down."""


def phrases(text: str) -> tuple[str, ...]:
    """The phrases that | separates."""
    return tuple(phrase.strip() for phrase in text.split("|") if phrase.strip())
