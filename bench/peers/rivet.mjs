// Zoom's own receiver of webhooks: it checks each signature, hands the event on and answers. What it heard, it keeps nowhere.
import { MeetingsS2SAuthClient } from "@zoom/rivet/meetings";

const [port, secret] = process.argv.slice(2);
const client = new MeetingsS2SAuthClient({
  clientId: "id",
  clientSecret: "secret",
  accountId: "account",
  webhooksSecretToken: secret,
  port: Number(port),
});
let heard = 0;
for (const end of ["joined", "left"]) client.webEventConsumer.event(`meeting.participant_${end}`, () => (heard += 1));
await client.start();
