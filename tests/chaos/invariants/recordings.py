"""Recordings, by what Zoom has of them."""

from collections.abc import Iterator

from tests.chaos.invariants.seen import Seen

KINDS = ("MP4", "M4A", "TRANSCRIPT", "CHAT")


def each_recording_is_there_once(seen: Seen) -> Iterator[str]:
    """Of each lesson that was recorded, each file that Zoom has is there, once, and no other."""
    zoom = seen.stage.zoom
    for made in seen.journal.done("class"):
        if (number := made.facts.get("recorded")) is None:
            continue
        at_zoom = sorted(file["id"] for file in zoom.recorded(number) if file["file_type"] in KINDS)
        sql = (
            "SELECT r.zoom_file_id FROM recordings_recording r JOIN meetings_meetingrun run ON run.id = r.run_id"
            " JOIN meetings_occurrence o ON o.id = run.occurrence_id WHERE o.meeting_id = %s AND r.gone_at IS NULL"
            " ORDER BY 1"
        )
        ours = [row[0] for row in seen.rows(sql, made.answer["meeting"]["id"])]
        if sorted(ours) != at_zoom or not at_zoom:
            at = f"{made.facts['start']:%d %H:%M}"
            yield f"of the lesson at {at} there are {len(ours)} recordings, and {len(at_zoom)} at Zoom"
