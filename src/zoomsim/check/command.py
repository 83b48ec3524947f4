"""`zoomsim check`: does a Zoom answer as the simulator does?"""

from typing import Annotated
from urllib.parse import urlsplit

import typer

from zoomsim.check.desk import Target, Unreachable
from zoomsim.check.probes import PROBES, Probe
from zoomsim.check.runner import Outcome, Result, Verdict, check
from zoomsim.options import Options

DEFAULTS = Options()
ZOOMS_API, ZOOMS_OAUTH = "api.zoom.us", "https://zoom.us/oauth/token"
WRITES_A_DAY = 100
SAME, DIFFERENT, NOT_BEGUN, INTERRUPTED = 0, 1, 2, 130
# Between two calls to a Zoom that is not on this machine, which shares its limits with whoever else uses the account.
PAUSE_S = 0.25
THIS_MACHINE = frozenset({"localhost", "127.0.0.1", "::1"})


def option(name: str, help_text: str) -> object:
    """Return an option with its environment variable, so that secrets need not stand on the command line."""
    return typer.Option(f"--{name}", envvar=f"ZOOMSIM_{name.replace('-', '_').upper()}", help=help_text)


def run(
    url: Annotated[str, typer.Argument(help="The Zoom to ask.")] = "http://127.0.0.1:9090",
    oauth_url: Annotated[str, option("oauth-url", "Where tokens are given, if not at the same address.")] = "",
    account_id: Annotated[str, option("account-id", "Account id.")] = DEFAULTS.account_id,
    client_id: Annotated[str, option("client-id", "Client id.")] = DEFAULTS.client_id,
    client_secret: Annotated[str, option("client-secret", "Client secret.")] = DEFAULTS.client_secret,
    host: Annotated[str, option("check-host", "Under whom to make meetings: an e-mail or id.")] = "me",
    listed: Annotated[bool, typer.Option("--list", help="Say what would be asked, and ask nothing.")] = False,
) -> None:
    """
    Ask a Zoom, real or simulated, what programs count on, and say where its answers differ from the simulator's.

    It makes meetings of its own under one host and deletes them, also after Ctrl-C. It touches no other meeting, and mails
    nobody.
    """
    if listed:
        _list(host)
        raise typer.Exit(SAME)
    try:
        outcome = check(_target(url, oauth_url, account_id, client_id, client_secret, host), _tell)
    except Unreachable as problem:
        typer.echo(f"Nothing was asked: {problem}", err=True)
        raise typer.Exit(NOT_BEGUN) from None
    _sum_up(outcome)
    if outcome.stopped == "interrupted":
        raise typer.Exit(INTERRUPTED)
    raise typer.Exit(DIFFERENT if outcome.stopped or outcome.left or outcome.count(Verdict.DIFFERENT) else SAME)


def _target(url: str, oauth_url: str, account_id: str, client_id: str, client_secret: str, host: str) -> Target:
    """Return whom to ask; an address may be given with or without `/v2`."""
    for address in filter(None, (url, oauth_url)):
        if urlsplit(address).scheme not in {"http", "https"} or not urlsplit(address).netloc:
            raise typer.BadParameter(f"{address} is no address such as https://api.zoom.us.", param_hint="URL")
    base = url.rstrip("/").removesuffix("/v2")
    name = urlsplit(base).hostname or ""
    return Target(
        api_url=f"{base}/v2",
        oauth_url=oauth_url or (ZOOMS_OAUTH if name == ZOOMS_API else f"{base}/oauth/token"),
        account_id=account_id,
        client_id=client_id,
        client_secret=client_secret,
        host=host,
        pause_s=0 if name in THIS_MACHINE else PAUSE_S,
    )


def _tell(result: Result) -> None:
    typer.echo(f"{result.verdict:<10} {result.probe.name:<26} {result.probe.says}")
    for reason in result.reasons:
        typer.echo(f"{'':<10} {'':<26}   {reason}")


def _list(host: str) -> None:
    for probe in PROBES:
        typer.echo(f"{probe.name:<26} {f'{probe.method} {probe.path}':<58} {probe.says}")
    made = sum(_is_creation(probe) for probe in PROBES)
    written = sum(_is_creation(probe) or probe.method == "PATCH" for probe in PROBES)
    typer.echo(
        f"\n{len(PROBES)} questions. They make {made} meetings at most under {host}, called zoom-check …, and delete them; "
        f"{written} of the {WRITES_A_DAY} creations and changes that Zoom allows a host a day. "
        "Registrants are at example.com; nobody is mailed."
    )


def _is_creation(probe: Probe) -> bool:
    return probe.method == "POST" and probe.path.endswith("/meetings")


def _sum_up(outcome: Outcome) -> None:
    counted = ", ".join(f"{outcome.count(verdict)} {verdict.lower()}" for verdict in Verdict)
    typer.echo(f"\n{counted}.")
    if outcome.stopped:
        typer.echo(f"Stopped before the end: {outcome.stopped}.", err=True)
    if outcome.left:
        typer.echo(f"These could not be deleted; delete them at Zoom: {', '.join(outcome.left)}", err=True)
    else:
        typer.echo("No meeting of the check's is left.")
