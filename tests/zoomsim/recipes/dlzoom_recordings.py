"""dlzoom: recordings are found and every file of them is downloaded whole."""

from pathlib import Path

from redirect import FACTS, lead_here, sim

lead_here()
from dlzoom.downloader import Downloader
from dlzoom.zoom_client import ZoomClient

zoom = ZoomClient(FACTS["account_id"], FACTS["client_id"], FACTS["client_secret"])
import requests

token = zoom._get_access_token()
made = requests.post(
    "https://api.zoom.us/v2/users/me/meetings",
    json={"topic": "Algebra", "type": 2, "settings": {"auto_recording": "cloud"}},
    headers={"Authorization": f"Bearer {token}"},
    timeout=10,
).json()
sim(f"meetings/{made['id']}/start")
sim(f"meetings/{made['id']}/join", name="Omar")
sim(f"meetings/{made['id']}/end")
found = zoom.get_meeting_recordings(str(made["id"]))
downloads = Path("downloads")
downloader = Downloader(downloads, token, overwrite=True)
for file in found["recording_files"]:
    path = downloader.download_file(file["download_url"], file, found["topic"], f"{made['id']}")
    assert path.stat().st_size == file["file_size"], path
assert [one["name"] for one in zoom.get_all_participants(found["uuid"])] == ["Host 01", "Omar"]
assert zoom.get_current_user()["email"] == "host01@zoomsim.example"
print(f"recordings found by number, {len(found['recording_files'])} files downloaded whole, who came by uuid")
