"""The register as a part of docs/data.md."""

from collections.abc import Iterator
from typing import Final

from django.conf import settings
from django.utils import translation

from classbell.privacy.classification import About, Erasure, Kept, Kind, Purpose, Table
from classbell.privacy.register import register

BEGIN: Final = "<!-- The register begins: written by `./run classbell manage describe_data`. -->"
END: Final = "<!-- The register ends. -->"
AT_ERASURE: Final = {
    Erasure.DELETE: "deleted",
    Erasure.ANONYMISE: "anonymised",
    Erasure.KEEP: "kept, pointing to an account without a name",
}


def with_register(document: str) -> str:
    """Return the document with the register as it is now between its two marks. Raises ValueError when it has none."""
    before, mark, rest = document.partition(BEGIN)
    _old, end, after = rest.partition(END)
    if not mark or not end:
        raise ValueError(f"the document has no {BEGIN!r} or no {END!r}")
    with translation.override("en"):
        return f"{before}{BEGIN}\n\n" + "\n".join(_lines()) + f"\n\n{END}{after}"


def _lines() -> Iterator[str]:
    for purpose in Purpose:
        tables = [one for one in register().values() if one.purpose is purpose and one.of is None]
        histories = [one for one in register().values() if one.purpose is purpose and one.of is not None]
        yield f"### {purpose.label}"
        yield ""
        yield "| table | fields | kept | in an export | at erasure |"
        yield "| --- | --- | --- | --- | --- |"
        for one in (*tables, *histories):
            yield f"| `{one.model}` | {_fields(one)} | {_kept(one.kept)} | {_exported(one)} | {_erased(one)} |"
        yield ""


def _fields(one: Table) -> str:
    if one.of is not None:
        return f"as in `{one.of.model}`, as they were before; when, and who did it"
    said = [f"{Kind(kind).value}: {', '.join(names)}" for kind, names in one.kinds.items()]
    return "; ".join(said)


def _kept(kept: Kept) -> str:
    if not kept.setting:
        return str(kept.words)
    field = type(settings.ENVIRONMENT).model_fields[kept.setting]
    return f"`{kept.variable}`: {field.default} days"


def _exported(one: Table) -> str:
    if not one.about:
        return "–"
    names = {column.name for about in one.about for column in one.exported(about)}
    return "yes" if names else "no"


def _erased(one: Table) -> str:
    return "; ".join(map(_said, one.about)) or "names and addresses in it are taken out"


def _said(about: About) -> str:
    fields = f" ({', '.join(about.emptied)})" if about.emptied else ""
    return f"by `{about.person}`: {AT_ERASURE[about.erasure]}{fields}"
