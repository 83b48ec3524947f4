"""pyzooms2s: a user and their settings read and changed."""

from redirect import FACTS, lead_here

lead_here()
from pyzooms2s import ZoomClient

zoom = ZoomClient(FACTS["account_id"], FACTS["client_id"], FACTS["client_secret"])
assert zoom.updateUser("host02@zoomsim.example", {"dept": "Languages"}) is None
assert zoom.getUser("host02@zoomsim.example")["dept"] == "Languages"
assert zoom.updateUserSettings("host02@zoomsim.example", {"recording": {"auto_recording": "cloud"}}) == ""
assert zoom.getUserSettings("host02@zoomsim.example")["recording"]["auto_recording"] == "cloud"
assert zoom.listPlanDetails()["code"] == 2300
print("a user and their settings changed and read; its phone call is told that there is none")
