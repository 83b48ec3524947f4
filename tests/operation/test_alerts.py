"""The alarms for Prometheus and the dashboard for Grafana: they ask for what there is, and ring when they should."""

import json
import re
import shutil
from pathlib import Path
from typing import Any, Final

import pytest
from django.test import Client

from tests import processes

ROOT: Final = Path(__file__).parents[2]
RULES: Final = ROOT / "docs" / "operation" / "alerts.yaml"
DASHBOARD: Final = ROOT / "docs" / "operation" / "dashboard.json"
PROMTOOL: Final = shutil.which("promtool")
needs_promtool = pytest.mark.skipif(
    PROMTOOL is None, reason="There is no promtool here (Debian: apt install prometheus)."
)
NAME: Final = re.compile(r"\bclassbell_\w+")


def measured() -> set[str]:
    """Return the names of all that is measured, as Prometheus stores them."""
    names = set()
    for line in Client().get("/metrics").content.decode().splitlines():
        if line.startswith("# TYPE "):
            _hash, _type, name, kind = line.split()
            names |= {name} | (
                {f"{name}_{part}" for part in ("bucket", "count", "sum")} if kind == "histogram" else set()
            )
    return names


def panels() -> list[dict[str, Any]]:
    dashboard = json.loads(DASHBOARD.read_text(encoding="utf-8"))
    return [panel for panel in dashboard["panels"] if panel["type"] != "row"]


def queries() -> list[str]:
    return [target["expr"] for panel in panels() for target in panel["targets"]]


@pytest.mark.django_db
def test_alarms_and_dashboard_ask_for_what_is_measured() -> None:
    asked = set(NAME.findall(RULES.read_text(encoding="utf-8")) + NAME.findall(" ".join(queries())))

    assert asked - measured() == set()


@pytest.mark.django_db
def test_everything_that_is_measured_is_explained() -> None:
    document = (ROOT / "docs" / "operation.md").read_text(encoding="utf-8")

    parts = ("_bucket", "_count", "_sum")
    assert {name for name in measured() if not name.endswith(parts) and f"`{name}" not in document} == set()


def test_every_alarm_says_what_to_do() -> None:
    rules = RULES.read_text(encoding="utf-8").split("- alert: ")[1:]
    document = (ROOT / "docs" / "operation.md").read_text(encoding="utf-8")

    assert [
        rule for rule in rules if "summary: " not in rule or "runbook: " not in rule or "severity: " not in rule
    ] == []
    assert [name for name in (rule.split()[0] for rule in rules) if name not in document] == []


@needs_promtool
def test_alarms_ring_when_they_should_and_only_then(tmp_path: Path) -> None:
    tests = (Path(__file__).parent / "alerts_test.yaml").read_text(encoding="utf-8").replace("RULES", str(RULES))
    (tmp_path / "test.yaml").write_text(tests, encoding="utf-8")

    done = processes.run(
        [PROMTOOL or "", "test", "rules", tmp_path / "test.yaml"], capture_output=True, text=True, check=False
    )

    assert done.returncode == 0, done.stdout + done.stderr


@needs_promtool
def test_dashboard_asks_what_prometheus_understands(tmp_path: Path) -> None:
    asked = [expression.replace("$__rate_interval", "5m") for expression in queries()]
    rules = [{"record": f"panel:{number}", "expr": expression} for number, expression in enumerate(asked)]
    file = tmp_path / "panels.yaml"
    file.write_text(json.dumps({"groups": [{"name": "panels", "rules": rules}]}), encoding="utf-8")

    done = processes.run([PROMTOOL or "", "check", "rules", file], capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stdout + done.stderr


def test_no_two_panels_lie_upon_each_other() -> None:
    taken = set[tuple[int, int]]()
    for panel in panels():
        place = panel["gridPos"]
        cells = {(place["x"] + x, place["y"] + y) for x in range(place["w"]) for y in range(place["h"])}
        assert not cells & taken, panel["title"]
        assert place["x"] + place["w"] <= 24
        taken |= cells
