"""
Requests made up by schemathesis from the API's own description, as each of the demo's people: no answer may be an error of
ours, or one that the description does not name.

    pip install schemathesis && .venv/bin/python -m tests.walk.generated [EXAMPLES]

What one request made, the next ones may find: they are kept, so that pages and lists are read with odd things in them.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import httpx

from tests import settings as _settings  # noqa: F401 -- the environment that programs of tests have
from tests.demo.running import PASSWORD, running_demo

PEOPLE = ("admin", "teacher", "student", "mother")
CHECKS = "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance"
# What signs out whoever asks or keeps them out for a while, and webhooks of accounts without a secret, which say so by 503.
LEFT_OUT = "auth/|sign-ins|webhook/"
LIMITS = ("CLASSBELL_REQUESTS_PER_KEY", "CLASSBELL_REQUESTS_PER_PERSON", "CLASSBELL_REQUESTS_PER_ADDRESS")


def main(examples: str = "5") -> int:
    """Try so many examples of each operation as each person; return how many people found something."""
    program = shutil.which("schemathesis")
    if program is None:
        sys.exit("There is no schemathesis here: pip install schemathesis.")
    os.environ.update(dict.fromkeys(LIMITS, "0"))
    found = 0
    with tempfile.TemporaryDirectory() as folder, running_demo(Path(folder)) as (url, _sim):
        for person in PEOPLE:
            credentials = {"email": f"{person}@classbell.example", "password": PASSWORD}
            answer = httpx.post(f"{url}/api/auth/token", json=credentials, timeout=30).raise_for_status()
            print(f"\n== {person}", flush=True)
            done = subprocess.run(
                [
                    program,
                    "run",
                    f"{url}/api/openapi.json",
                    "--header",
                    f"Authorization: Bearer {answer.json()['access_token']}",
                    "--phases=coverage,fuzzing,stateful",
                    f"--max-examples={examples}",
                    f"--checks={CHECKS}",
                    f"--exclude-path-regex={LEFT_OUT}",
                    "--request-timeout=20",
                ],
                cwd=folder,
                check=False,
            )
            found += done.returncode != 0
    return found


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:2]))
