"""The texts of the pages, in English and Arabic."""

from zoomsim.pages.texts.apps import APPS
from zoomsim.pages.texts.dashboard import DASHBOARD
from zoomsim.pages.texts.rooms import ROOMS

LANGUAGES = ("en", "ar")
WORDS = ROOMS | DASHBOARD | APPS


def text(language: str, key: str, **values: object) -> str:
    """Return a text with its values put in; both languages have every key."""
    return WORDS[key][LANGUAGES.index(language)].format(**values)
