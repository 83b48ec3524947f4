"""`NAME_FILE`: a setting whose value lies in a file of its own, as containers and systemd hand secrets to a program."""

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from pydantic_settings import BaseSettings, EnvSettingsSource, PydanticBaseSettingsSource, SettingsError

SUFFIX: Final = "_FILE"
MOST_BYTES: Final = 64 * 1024


class SettingsWithFiles(BaseSettings):
    """Settings each of which may be given as `NAME`, or as `NAME_FILE` with the path of the file that holds it."""

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003 -- what pydantic-settings hands in
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Return where settings are read from, the strongest first. Raises SettingsError for a file that cannot be read."""
        names = [str(field.alias or name) for name, field in settings_cls.model_fields.items()]
        for source in (env_settings, dotenv_settings):
            if isinstance(source, EnvSettingsSource):
                source.env_vars = with_values_of_files(source.env_vars, names)
        return init_settings, env_settings, dotenv_settings


def with_values_of_files(given: Mapping[str, str | None], names: list[str]) -> dict[str, str | None]:
    """
    Return what is given, under names in lower case, and of these settings also what lies in a file.

    Raises SettingsError, which names the variable and repeats nothing of what the file holds.
    """
    values = dict(given)
    for name in names:
        path = values.get(f"{name}{SUFFIX}".lower())
        if not path:
            continue
        if values.get(name.lower()):
            raise SettingsError(f"{name} and {name}{SUFFIX} are both set. Keep one of them.")
        values[name.lower()] = _content(f"{name}{SUFFIX}", Path(path))
    return values


def _content(variable: str, path: Path) -> str:
    """Return what a file holds, without white space around it: editors and `echo` end it with a new line."""
    if not path.is_absolute():
        raise SettingsError(f"{variable} must be the whole path of a file, from / on; it is {str(path)!r}.")
    try:
        with path.open("rb") as file:
            content = file.read(MOST_BYTES + 1)
        text = content.decode().strip()
    except OSError as error:
        raise SettingsError(
            f"{variable} names {path}, which cannot be read ({error.strerror}). "
            "Is it there, and may the user that runs Classbell read it?"
        ) from None
    except UnicodeDecodeError:
        raise SettingsError(f"{variable} names {path}, which is no text in UTF-8.") from None
    if len(content) > MOST_BYTES:
        raise SettingsError(f"{variable} names {path}, which is larger than {MOST_BYTES // 1024} KB.")
    if not text:
        raise SettingsError(f"{variable} names {path}, which is empty. Write the value into it, or take the line out.")
    return text
