"""The `zoomsim` command."""

import logging
import socket
import sys
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer
from aiohttp import web

from zoomsim import __version__
from zoomsim.api.endpoints import DEFAULT_SCOPES, DEFAULT_USER_SCOPES
from zoomsim.api.served import table
from zoomsim.app import build_app
from zoomsim.check import command
from zoomsim.meetings.input import is_timezone
from zoomsim.options import DEFAULT_RETRY_AFTER_S, Options, Plan
from zoomsim.simulation import Simulation
from zoomsim.state.journal import NoState

STOP_WITHIN_S = 1.0
NOT_STARTED = 2
BACKLOG = 128
DEFAULTS = Options()


def option(name: str, help_text: str) -> object:
    """Return an option with its environment variable, `--webhook-url` being ZOOMSIM_WEBHOOK_URL."""
    return typer.Option(f"--{name}", envvar=f"ZOOMSIM_{name.replace('-', '_').upper()}", help=help_text)


def run(
    host: Annotated[str, option("host", "Address to listen on.")] = DEFAULTS.host,
    port: Annotated[int, option("port", "Port to listen on.")] = DEFAULTS.port,
    plan: Annotated[Plan, option("plan", "Whose rate limits to keep.")] = DEFAULTS.plan,
    hosts: Annotated[int, option("hosts", "How many hosts host01@zoomsim.example … there are.")] = DEFAULTS.hosts,
    basic_hosts: Annotated[
        int, option("basic-hosts", "How many hosts without a licence basic01@zoomsim.example … there are.")
    ] = DEFAULTS.basic_hosts,
    host_email: Annotated[list[str] | None, option("host-email", "A named host; can be given again.")] = None,
    timezone: Annotated[str, option("timezone", "The hosts' timezone.")] = DEFAULTS.timezone,
    account_id: Annotated[str, option("account-id", "Account id to accept.")] = DEFAULTS.account_id,
    client_id: Annotated[str, option("client-id", "Client id to accept.")] = DEFAULTS.client_id,
    client_secret: Annotated[str, option("client-secret", "Client secret to accept.")] = DEFAULTS.client_secret,
    scope: Annotated[list[str] | None, option("scope", "What tokens may do; everything unless given.")] = None,
    oauth_client_id: Annotated[
        str, option("oauth-client-id", "Client id of the app that users consent to.")
    ] = DEFAULTS.oauth_client_id,
    oauth_client_secret: Annotated[
        str, option("oauth-client-secret", "Client secret of the app that users consent to.")
    ] = DEFAULTS.oauth_client_secret,
    oauth_scope: Annotated[
        list[str] | None, option("oauth-scope", "What that app may do; all of a user's own unless given.")
    ] = None,
    redirect_uri: Annotated[
        list[str] | None, option("redirect-uri", "Where consent may lead back to; any of this machine unless given.")
    ] = None,
    sdk_key: Annotated[str, option("sdk-key", "Key of the Meeting SDK app to accept.")] = DEFAULTS.sdk_key,
    sdk_secret: Annotated[str, option("sdk-secret", "Secret of the Meeting SDK app to accept.")] = DEFAULTS.sdk_secret,
    webhook_url: Annotated[str, option("webhook-url", "Where webhooks go.")] = DEFAULTS.webhook_url,
    webhook_secret: Annotated[str, option("webhook-secret", "Secret they are signed with.")] = DEFAULTS.webhook_secret,
    webhook_retry_s: Annotated[
        list[float] | None, option("webhook-retry-s", "Wait before each retry; as Zoom does unless given.")
    ] = None,
    state: Annotated[Path | None, option("state", "File that lets everything survive a restart.")] = None,
    latency_ms: Annotated[float, option("latency-ms", "How long every answer takes.")] = DEFAULTS.latency_ms,
    report_delay_s: Annotated[
        float, option("report-delay-s", "How long after a meeting its reports appear.")
    ] = DEFAULTS.report_delay_s,
    public_url: Annotated[str, option("public-url", "Where people reach this; in every link.")] = DEFAULTS.public_url,
    control_from_anywhere: Annotated[
        bool, option("control-from-anywhere", "Let other machines use /sim and the pages' controls.")
    ] = DEFAULTS.control_from_anywhere,
) -> None:
    """
    Behave like Zoom's REST API, OAuth server and webhook sender.

    `zoomsim check URL` asks a Zoom, real or simulated, whether it answers as this one does; `zoomsim calls` lists what is
    served.
    """
    if hosts + basic_hosts + len(host_email or ()) < 1:
        raise typer.BadParameter("There must be at least one host.", param_hint="--hosts")
    if not is_timezone(timezone):
        raise typer.BadParameter(f"There is no timezone {timezone}.", param_hint="--timezone")
    serve(
        Options(
            host=host,
            port=port,
            plan=plan,
            hosts=hosts,
            basic_hosts=basic_hosts,
            host_emails=tuple(host_email or ()),
            timezone=timezone,
            account_id=account_id,
            client_id=client_id,
            client_secret=client_secret,
            scopes=tuple(" ".join(scope).split()) if scope else DEFAULT_SCOPES,
            oauth_client_id=oauth_client_id,
            oauth_client_secret=oauth_client_secret,
            oauth_scopes=tuple(" ".join(oauth_scope).split()) if oauth_scope else DEFAULT_USER_SCOPES,
            redirect_uris=tuple(redirect_uri or ()),
            sdk_key=sdk_key,
            sdk_secret=sdk_secret,
            webhook_url=webhook_url,
            webhook_secret=webhook_secret,
            retry_after_s=tuple(webhook_retry_s) if webhook_retry_s else DEFAULT_RETRY_AFTER_S,
            state=state,
            latency_ms=latency_ms,
            report_delay_s=report_delay_s,
            public_url=public_url,
            control_from_anywhere=control_from_anywhere,
        )
    )


def serve(options: Options) -> None:
    """Serve one simulation until the process is told to stop. Raises typer.Exit, having said what stands in the way."""
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    # Bound first, so that links carry the port that was found when any will do (0).
    sock = _listening(options)
    options = replace(options, port=sock.getsockname()[1])
    sim = _begun(options)
    typer.echo(
        f"zoomsim: a simulated Zoom at {options.base_url}, "
        f"plan {options.plan}, {len(sim.store.present_users)} hosts, {len(sim.store.meetings)} meetings\n"
        "Open it in a browser for a first call to copy. Ctrl-C ends it."
    )
    web.run_app(
        build_app(sim),
        sock=sock,
        print=None,
        access_log=None,
        shutdown_timeout=STOP_WITHIN_S,
    )


def _listening(options: Options) -> socket.socket:
    try:
        return socket.create_server((options.host, options.port), family=_family(options.host), backlog=BACKLOG)
    except OSError as error:
        where = f"{options.host}:{options.port}"
        raise _stopped(
            f"Nothing can listen on {where}: {error}. Choose another --port; 0 is any that is free."
        ) from None


def _begun(options: Options) -> Simulation:
    try:
        return Simulation(options)
    except (OSError, NoState) as error:
        raise _stopped(f"--state {options.state} cannot be used: {error}.") from None


def _stopped(text: str) -> typer.Exit:
    typer.echo(f"zoomsim: {text}", err=True)
    return typer.Exit(NOT_STARTED)


def _family(host: str) -> socket.AddressFamily:
    return socket.AF_INET6 if ":" in host else socket.AF_INET


def print_calls() -> None:
    """Print which of Zoom's calls are served and which are not, in Markdown."""
    typer.echo(table(), nl=False)


def main() -> None:
    """Run the command: the simulator, or what the first word names."""
    others = {"check": command.run, "calls": print_calls}
    named = sys.argv[1] if sys.argv[1:2] and sys.argv[1] in others else ""
    if sys.argv[1:] == ["--version"]:
        typer.echo(f"zoomsim {__version__}")
        return
    application = typer.Typer(add_completion=False)
    application.command()(others.get(named, run))
    application(args=sys.argv[2:] if named else sys.argv[1:], prog_name=f"zoomsim {named}".strip())
