// zoomapi: a meeting, its registrants, and users made and deleted.
import assert from "node:assert/strict";
import zoomApi from "zoomapi";

const facts = JSON.parse(process.env.FACTS);
const make = zoomApi.default ?? zoomApi;
const zoom = make({
  accountId: facts.account_id,
  oauthClientId: facts.client_id,
  oauthClientSecret: facts.client_secret,
  webhookSecretToken: "sim-webhook-secret",
});
const info = { email: "nour@school.example", type: 2, first_name: "Nour", last_name: "Haddad" };
const made = await zoom.users.CreateUser({ action: "autoCreate", user_info: info });
const meeting = await zoom.meetings.CreateMeeting(made.id, { topic: "Algebra", type: 2, settings: { approval_type: 0 } });
await zoom.meetings.AddRegistrant(String(meeting.id), { email: "omar@school.example", first_name: "Omar" });
assert.equal((await zoom.meetings.ListRegistrants(String(meeting.id))).total_records, 1);
assert.equal((await zoom.users.GetUserSettings(made.id)).in_meeting.chat, true);
await zoom.users.DeleteUser(made.id, { action: "delete" });
await assert.rejects(zoom.users.GetUser(made.id));
await assert.rejects(zoom.meetings.GetMeeting(String(meeting.id)));
assert.equal((await zoom.users.ListUsers()).total_records, 5);
console.log("a user made and deleted with their meeting, a registrant, settings");
