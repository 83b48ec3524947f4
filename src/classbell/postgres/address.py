"""What a `postgresql://` address means to Django: one server, or several of which one takes writes."""

from typing import Any, Final

from psycopg import ProgrammingError
from psycopg.conninfo import conninfo_to_dict

SCHEMES: Final = ("postgresql://", "postgres://")
# What makes the network tell of a side that went without a word.
KEEPALIVES: Final = {"keepalives_idle": "10", "keepalives_interval": "5", "keepalives_count": "3"}
UNACKNOWLEDGED: Final = {"tcp_user_timeout": "15000"}
# How long people wait for a server is `reach`'s to say.
LIVELINESS: Final = {"connect_timeout": "5", **KEEPALIVES, **UNACKNOWLEDGED}
# The same by the server's names: one that is not told keeps the locks of whoever went, by itself for two hours.
LIVELINESS_THERE: Final = {**{f"tcp_{name}": value for name, value in KEEPALIVES.items()}, **UNACKNOWLEDGED}
READ_ONLY: Final = {"default_transaction_read_only": "on"}
EVERY_SESSION: Final = {
    **LIVELINESS_THERE,
    # Every trigger of the history asks for this; an unknown setting costs it an exception per row.
    "pgtrigger.ignore": "{}",
    # One plan for all values of a prepared statement (`fetch_prepared`). Left to itself, the server guesses at what each plan
    # costs, and plans some of ours anew each time for ten times what it takes to run them. Django's own statements carry
    # their values in their text, have no plan for others, and are not touched by it.
    "plan_cache_mode": "force_generic_plan",
    # Made for reads of minutes: where its guess is high, the server would compile for longer than the statement runs.
    "jit": "off",
}


class WrongAddress(ValueError):
    """It is no address of a PostgreSQL database."""


def parse_address(url: str) -> dict[str, str]:
    """Return the parameters that an address names, as libpq calls them. Raises WrongAddress, which repeats no password."""
    if not url.startswith(SCHEMES):
        raise WrongAddress("must be an address such as postgresql://user:password@host:5432/name")
    try:
        parameters = {key: str(value) for key, value in conninfo_to_dict(url).items()}
    except ProgrammingError:
        raise WrongAddress(
            "is no address that PostgreSQL knows; write one such as postgresql://user:password@host:5432/name, several "
            "servers as host1:5432,host2:5432, and special characters of a password as %40"
        ) from None
    hosts, ports = (parameters.get(name, "").count(",") for name in ("host", "port"))
    if ports not in (0, hosts):
        raise WrongAddress("names another number of ports than of servers; write host1:5432,host2:5432")
    return parameters


def replica_settings(url: str) -> dict[str, Any]:
    """Return the entry for a server that is only read, also if it should be no replica."""
    described = database_settings(url)
    described["SESSION"] |= READ_ONLY
    return described


def database_settings(url: str) -> dict[str, Any]:
    """
    Return an entry of Django's DATABASES. Several servers come as `one:5432,two:5432`, a Unix socket's folder as `?host=`.

    `SESSION` is this backend's own: what is set in every session, by a statement rather than when connecting, because poolers
    do not hand that on.
    """
    given = parse_address(url) if url else {}
    return {
        "ENGINE": "classbell.postgres",
        "NAME": given.pop("dbname", "classbell"),
        "USER": given.pop("user", ""),
        "PASSWORD": given.pop("password", ""),
        "HOST": given.pop("host", ""),
        "PORT": given.pop("port", ""),
        "OPTIONS": {
            **LIVELINESS,
            **given,
            "application_name": "classbell",
            # Statements that ask for it are prepared once per connection (classbell.database).
            "prepare_threshold": 5,
        },
        "SESSION": dict(EVERY_SESSION),
        # Each thread keeps its connection, which is looked at before a request or a job uses it.
        "CONN_MAX_AGE": 300,
        "CONN_HEALTH_CHECKS": True,
    }
