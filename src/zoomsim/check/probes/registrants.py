"""Registrants, and what is there after a meeting."""

from zoomsim.check.probes.probe import FIRST, LISTED, REGISTRANT, SECOND, Probe, error
from zoomsim.check.shapes import Has, Kept, OneOf

REGISTRANTS_OF = "/meetings/{registered}/registrants"
REGISTERING = (
    Probe(
        "register",
        "a registrant gets a personal link",
        "POST",
        REGISTRANTS_OF,
        201,
        {"registrant_id": str, "id": int, "topic": Kept("topic"), "join_url": str},
        body=FIRST,
        keeps={"registrant": "registrant_id"},
    ),
    Probe(
        "register-again",
        "the same e-mail again is the same registrant",
        "POST",
        REGISTRANTS_OF,
        201,
        {"registrant_id": Kept("registrant")},
        body=FIRST,
    ),
    Probe(
        "register-nobody",
        "a registrant without an e-mail is refused by 300",
        "POST",
        REGISTRANTS_OF,
        400,
        error(300),
        body={"first_name": "Check"},
    ),
    Probe(
        "register-host",
        "the host cannot register: 3027",
        "POST",
        REGISTRANTS_OF,
        400,
        error(3027),
        body={"email": "{host_email}", "first_name": "Check"},
    ),
    Probe(
        "register-off",
        "without registration there is none to register: 404 or 300",
        "POST",
        "/meetings/{single}/registrants",
        OneOf((400, 404)),
        error(OneOf((300, 404))),
        body=FIRST,
    ),
    Probe(
        "registrants",
        "registrants are listed, the approved unless asked otherwise",
        "GET",
        REGISTRANTS_OF,
        200,
        LISTED | {"registrants": Has({"id": Kept("registrant"), "status": "approved"})},
    ),
    Probe(
        "registrants-shape",
        "… each with a name, an e-mail and a time",
        "GET",
        REGISTRANTS_OF,
        200,
        {"registrants": [REGISTRANT]},
    ),
    Probe(
        "registrant",
        "one registrant is read",
        "GET",
        f"{REGISTRANTS_OF}/{{registrant}}",
        200,
        REGISTRANT | {"id": Kept("registrant")},
    ),
    Probe(
        "registrant-deny",
        "a registrant is denied by 204",
        "PUT",
        f"{REGISTRANTS_OF}/status",
        204,
        body={"action": "deny", "registrants": [{"id": "{registrant}", "email": FIRST["email"]}]},
    ),
    Probe(
        "registrants-denied",
        "… and listed among the denied",
        "GET",
        REGISTRANTS_OF,
        200,
        {"registrants": Has({"id": Kept("registrant"), "status": "denied"})},
        query={"status": "denied"},
    ),
    Probe(
        "batch",
        "several register at once, each with a link",
        "POST",
        "/meetings/{registered}/batch_registrants",
        201,
        {"registrants": [{"email": str, "join_url": str, "registrant_id": str}]},
        body={"auto_approve": True, "registrants_confirmation_email": False, "registrants": [SECOND]},
    ),
    Probe(
        "batch-series",
        "… but not for a series: 303",
        "POST",
        "/meetings/{series}/batch_registrants",
        400,
        error(303),
        body={"auto_approve": True, "registrants": [SECOND]},
    ),
    Probe(
        "questions",
        "the questions of a registration are read",
        "GET",
        f"{REGISTRANTS_OF}/questions",
        200,
        {"questions": list, "custom_questions": list},
    ),
    Probe("registrant-delete", "a registrant is deleted by 204", "DELETE", f"{REGISTRANTS_OF}/{{registrant}}", 204),
)

AFTERWARDS = (
    Probe(
        "past", "a meeting that never took place has no past: 3001", "GET", "/past_meetings/{single}", 404, error(3001)
    ),
    Probe("past-uuid", "… nor by its uuid, encoded twice", "GET", "/past_meetings/{uuid}", 404, error(3001)),
    Probe(
        "past-participants", "… and no participants", "GET", "/past_meetings/{single}/participants", 404, error(3001)
    ),
    Probe(
        "past-instances",
        "… and an empty list of runs",
        "GET",
        "/past_meetings/{single}/instances",
        200,
        {"meetings": []},
    ),
    Probe("report", "… and no report: 3001", "GET", "/report/meetings/{single}/participants", 404, error(3001)),
    Probe("recording", "… and no recording: 3301", "GET", "/meetings/{single}/recordings", 404, error(3301)),
)
