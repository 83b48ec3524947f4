"""
Where files of recordings are fetched: `download_url`, `play_url` and `share_url`.

Zoom sends whoever may have a file on to where it lies, at an address that is good for some minutes; so does this.
"""

from aiohttp import web

from zoomsim.keys import SIMULATION
from zoomsim.protocol.errors import ZoomError
from zoomsim.protocol.wire import Json, compact
from zoomsim.recordings.files import CONTENT_TYPES, content
from zoomsim.simulation import Simulation
from zoomsim.state.models import RecordedFile, Recording
from zoomsim.tokens import ADMIN

NEEDED = ("cloud_recording:read", "recording:read", "recording:write")


def setup(app: web.Application) -> None:
    """Add the addresses to the application."""
    app.add_routes(
        [
            web.get("/rec/download/{key}", download),
            web.get("/rec/webhook_download/{key}", download),
            web.get("/rec/play/{key}", play),
            web.get("/rec/share/{key}", play),
            web.get("/rec/file/{ticket}", send),
        ]
    )


async def download(request: web.Request) -> web.StreamResponse:
    """Send a program on to a file: by an access token or a download token, in the header or as `access_token`."""
    sim = request.app[SIMULATION]
    found = sim.store.recorded_file(request.match_info["key"])
    if found is None or _is_gone(*found):
        return _refuse(404, 3301, "There is no recording for this meeting.")
    recording, file = found
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    token = token.strip() if scheme.lower() == "bearer" else request.query.get("access_token", "")
    if not _may_download(sim, recording, token):
        return _refuse(401, 124, "Invalid access token.")
    raise web.HTTPFound(f"{sim.base_url}/rec/file/{sim.tokens.file_ticket(file.key)}")


async def play(request: web.Request) -> web.StreamResponse:
    """Show a file, or the first of a recording, to who knows the passcode: as `pwd`, either of the two that Zoom gives."""
    sim = request.app[SIMULATION]
    key = request.match_info["key"]
    shared = next((one for one in sim.store.recordings.values() if one.key == key), None)
    found = (shared, shared.files[0]) if shared else sim.store.recorded_file(key)
    if found is None or _is_gone(*found):
        return _refuse(404, 3301, "There is no recording for this meeting.")
    recording, file = found
    if recording.passcode and request.query.get("pwd") not in {recording.passcode, recording.play_passcode}:
        return _refuse(403, 3309, "This recording asks for its passcode.")
    raise web.HTTPFound(f"{sim.base_url}/rec/file/{sim.tokens.file_ticket(file.key)}")


async def send(request: web.Request) -> web.StreamResponse:
    """Send a file, or the part of it that was asked for."""
    sim = request.app[SIMULATION]
    found = sim.store.recorded_file(sim.tokens.key_of_ticket(request.match_info["ticket"]) or "")
    if found is None or _is_gone(*found):
        return _refuse(403, 403, "Forbidden")
    file = found[1]
    whole = content(file)
    headers = {
        "Accept-Ranges": "bytes",
        "Content-Type": CONTENT_TYPES[file.extension],
        "Content-Disposition": f'attachment; filename="recording.{file.extension.lower()}"',
    }
    try:
        wanted = range(len(whole))[request.http_range]
    except ValueError:
        wanted = range(len(whole))
    if "Range" not in request.headers:
        return web.Response(body=whole, headers=headers)
    if not wanted:
        return web.Response(status=416, headers={"Content-Range": f"bytes */{len(whole)}"})
    headers["Content-Range"] = f"bytes {wanted[0]}-{wanted[-1]}/{len(whole)}"
    return web.Response(status=206, body=whole[wanted[0] : wanted[-1] + 1], headers=headers)


def _is_gone(recording: Recording, file: RecordedFile) -> bool:
    return recording.trashed_at is not None or file.trashed_at is not None


def _may_download(sim: Simulation, recording: Recording, token: str) -> bool:
    if sim.tokens.recording_of(token) == recording.uuid:
        return True
    try:
        access = sim.tokens.access(token)
        user = sim.grants.user_of(access) if access.user_id else None
    except ZoomError:
        return False
    allowed = [scope for scope in access.scopes if scope.startswith(NEEDED)]
    if user is None or any(scope.endswith(ADMIN) for scope in allowed):
        return bool(allowed)
    return bool(allowed) and sim.store.meetings[recording.meeting_id].host_id == user.id


def _refuse(status: int, code: int, message: str) -> web.Response:
    body: Json = {"status": False, "errorCode": code, "errorMessage": message, "result": None}
    return web.json_response(body, status=status, dumps=compact)
