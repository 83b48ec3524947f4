// @zoom/rivet, Zoom's own, hears events: it answers the challenge and checks each signature.
import assert from "node:assert/strict";
import { MeetingsS2SAuthClient } from "@zoom/rivet/meetings";

const facts = JSON.parse(process.env.FACTS);
const sim = async (path, body = {}) =>
  (await fetch(`${facts.url}/sim/${path}`, { method: "POST", body: JSON.stringify(body) })).json();
const port = 20000 + Math.floor(Math.random() * 20000);
const client = new MeetingsS2SAuthClient({
  clientId: facts.client_id,
  clientSecret: facts.client_secret,
  accountId: facts.account_id,
  webhooksSecretToken: "sim-webhook-secret",
  port,
});
const heard = {};
const all = ["meeting.started", "meeting.participant_joined", "meeting.ended", "meeting.summary_completed"];
const everything = Promise.all(
  all.map((name) => new Promise((resolve) => client.webEventConsumer.event(name, ({ payload }) => resolve((heard[name] = payload))))),
);
await client.start();
const set = await sim("webhooks/url", { url: `http://localhost:${port}/zoom/events`, secret: "sim-webhook-secret" });
assert.equal(set.validated, true, JSON.stringify(set));
const body = { topic: "Algebra", type: 2, settings: { auto_start_meeting_summary: true } };
const { id } = (await client.endpoints.meetings.createMeeting({ path: { userId: "me" }, body })).data;
await sim(`meetings/${id}/start`);
await sim(`meetings/${id}/join`, { name: "Omar Aziz" });
await sim(`meetings/${id}/end`);
await everything;
assert.match(heard["meeting.summary_completed"].object.summary_overview, /Omar/);
console.log(`the challenge answered, ${all.length} kinds of events heard, a summary's among them`);
process.exit(0);
