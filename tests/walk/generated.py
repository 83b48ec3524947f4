"""
Requests made up by schemathesis from the API's own description, as everybody who may ask: no answer may be an error of ours,
one that the description does not name, or one that is otherwise than it says.

    python -m venv /tmp/made-up && /tmp/made-up/bin/pip install schemathesis
    .venv/bin/python -m tests.walk.generated --program /tmp/made-up/bin/schemathesis [--seed 7] [--examples 5] [ROLE …]

What one request made, the next ones may find: they are kept, so that pages and lists are read with odd things in them, and
what one operation answers, others are asked about (links, which schemathesis infers). Prints a table by role; what was found
stands above it, with the request.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import httpx

from classbell.accounts.keys.scopes import SCOPES
from tests import settings as _settings  # noqa: F401 -- the environment that programs of tests have
from tests.demo.running import PASSWORD, running_demo

# Whoever may change most comes last. A guest has no account; the teacher who is a guardian too also learns; a key may all
# that keys may.
ROLES: Final[Mapping[str, str]] = {
    "guest": "",
    "student": "student",
    "guardian": "mother",
    "teacher": "teacher",
    "teacher, guardian": "ines",
    "key": "admin",
    "admin": "admin",
}
CHECKS: Final = "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance"
PHASES: Final = "coverage,fuzzing,stateful"
# What signs out whoever asks: the rest would be asked by nobody.
LEFT_OUT: Final = ("DELETE /api/me/sessions", "DELETE /api/me/sessions/{sign_in_id}")
# Six steps are what schemathesis gives a scenario, and all go to asking for lists and making things: links come after that.
SCENARIOS: Final = """
[phases.stateful]
max-steps = {steps}
generation.max-examples = {scenarios}
"""
LIMITS: Final = ("CLASSBELL_REQUESTS_PER_KEY", "CLASSBELL_REQUESTS_PER_PERSON", "CLASSBELL_REQUESTS_PER_ADDRESS")


@dataclass(frozen=True, kw_only=True, slots=True)
class Tried:
    """What came of asking as somebody: `taken` counts the requests not refused, `links` those followed, each once."""

    role: str
    operations: int
    cases: int
    taken: int
    links: int
    findings: int
    seconds: float

    def __str__(self) -> str:
        """Return a row of a table in Markdown."""
        numbers = self.operations, self.cases, self.taken, self.links, self.findings, round(self.seconds)
        return f"| {self.role} | {' | '.join(map(str, numbers))} |"


def main(words: Sequence[str]) -> int:
    """Ask as each of the roles that are named, or all; return how many found something."""
    asked = _arguments(words)
    program = shutil.which(asked.program)
    if program is None:
        sys.exit("There is no schemathesis here: see the top of tests/walk/generated.py.")
    os.environ.update(dict.fromkeys(LIMITS, "0"))
    tried: list[Tried] = []
    try:
        with tempfile.TemporaryDirectory() as made:
            folder = Path(made)
            config = folder / "schemathesis.toml"
            config.write_text(SCENARIOS.format(steps=asked.steps, scenarios=asked.scenarios))
            run = (program, "--config-file", str(config), "run")
            with running_demo(folder) as (url, _sim):
                described = (str(_strict(url, folder)), "--url", url, *_options(asked))
                for role in asked.roles or ROLES:
                    command = [*run, *described, *_sign_in(url, role)]
                    tried.append(_try(role, command, folder))
    finally:  # whoever stops it is told what there was
        print("\n| as | operations | requests | done | links | findings | seconds |\n| --- |" + " ---: |" * 6)
        print(*tried, sep="\n", flush=True)
    return sum(one.findings > 0 for one in tried)


def _arguments(words: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("roles", nargs="*", metavar="ROLE", help=", ".join(ROLES))
    parser.add_argument("--program", default="schemathesis")
    parser.add_argument("--seed", default="7")
    parser.add_argument("--examples", default="5", help="of each operation")
    parser.add_argument("--scenarios", default="8", help="that follow links")
    parser.add_argument("--steps", default="40", help="of such a scenario")
    parser.add_argument("--phases", default=PHASES)
    parser.add_argument("--workers", default="2")
    asked = parser.parse_args(words)
    if unknown := set(asked.roles) - set(ROLES):
        parser.error(f"no such role: {', '.join(sorted(unknown))}")
    return asked


def _options(asked: argparse.Namespace) -> Iterator[str]:
    yield from (f"--phases={asked.phases}", f"--checks={CHECKS}", f"--max-examples={asked.examples}")
    yield from (f"--seed={asked.seed}", f"--workers={asked.workers}", "--request-timeout=60", "--warnings=off")
    for operation in LEFT_OUT:
        yield f"--exclude-name={operation}"


def _strict(url: str, folder: Path) -> Path:
    """Keep the description without `default`, which stands for statuses that an operation does not name; return where."""
    description = httpx.get(f"{url}/api/openapi.json", timeout=60).raise_for_status().json()
    for operations in description["paths"].values():
        for operation in operations.values():
            operation["responses"].pop("default", None)
    path = folder / "openapi.json"
    path.write_text(json.dumps(description))
    return path


def _sign_in(url: str, role: str) -> Sequence[str]:
    """Return the options by which requests are somebody's."""
    if not ROLES[role]:
        return ()
    credentials = {"email": f"{ROLES[role]}@classbell.example", "password": PASSWORD}
    token = _post(f"{url}/api/auth/token", credentials)["access_token"]
    if role == "key":
        token = _post(f"{url}/api/keys", {"name": "Made up", "scopes": SCOPES}, token)["secret"]
    return "--header", f"Authorization: Bearer {token}"


def _post(address: str, body: Any, token: str = "") -> Any:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    return httpx.post(address, json=body, headers=headers, timeout=60).raise_for_status().json()


def _try(role: str, command: Sequence[str], folder: Path) -> Tried:
    print(f"\n== {role}", flush=True)
    report, events = folder / "report.json", folder / "events.ndjson"
    for path in report, events:
        path.unlink(missing_ok=True)
    reports = ["--report=json,ndjson", f"--report-json-path={report}", f"--report-ndjson-path={events}"]
    subprocess.run([*command, *reports], cwd=folder, check=False)
    said = json.loads(report.read_text())
    taken, links = answered(events)
    return Tried(
        role=role,
        operations=said["operations"]["tested"],
        cases=said["test_cases"]["generated"],
        taken=taken,
        links=links,
        findings=len(said["failures"]) + len(said["errors"]),
        seconds=said["running_time"],
    )


def answered(events: Path) -> tuple[int, int]:
    """Return how many requests were not refused, and how many links between operations were followed, each once."""
    taken, links = 0, set[str]()
    with events.open() as lines:
        for line in lines:
            recorder = json.loads(line).get("ScenarioFinished", {}).get("recorder", {})
            for name, case in recorder.get("cases", {}).items():
                response = recorder["interactions"].get(name, {}).get("response") or {}
                taken += response.get("status_code", 500) < 400
                if case.get("is_transition_applied"):
                    links.add(case["transition"]["id"])
    return taken, len(links)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
