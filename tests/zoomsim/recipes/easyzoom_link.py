"""EasyZoom: a link, with the start as it writes it."""

from redirect import FACTS, lead_here

lead_here()
from easy_zoom.client import Client

client = Client(FACTS["account_id"], FACTS["client_id"], FACTS["client_secret"], date="2030-01-01", time="30")
assert client.authenticate() is True
client.set_topic("Algebra")
made = client.get_link()
assert made["meeting_url"].startswith("https://zoom.us/j/"), made
print("a meeting and its link, though its start is no time")
