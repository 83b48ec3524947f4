// @zoom/rivet, Zoom's own: polls, questions, summaries and reports.
import assert from "node:assert/strict";
import { MeetingsS2SAuthClient } from "@zoom/rivet/meetings";

const facts = JSON.parse(process.env.FACTS);
const sim = async (path, body = {}) =>
  (await fetch(`${facts.url}/sim/${path}`, { method: "POST", body: JSON.stringify(body) })).json();
const client = new MeetingsS2SAuthClient({
  clientId: facts.client_id,
  clientSecret: facts.client_secret,
  accountId: facts.account_id,
  webhooksSecretToken: "sim-webhook-secret",
  disableReceiver: true,
});
const { meetings, reports } = client.endpoints;
const body = { topic: "Algebra", type: 2, settings: { auto_start_meeting_summary: true } };
const { id } = (await meetings.createMeeting({ path: { userId: "me" }, body })).data;
const path = { meetingId: id };
const question = { name: "Clear?", type: "single", answers: ["Yes", "No"] };
const poll = (await meetings.createMeetingPoll({ path, body: { title: "Now", questions: [question] } })).data;
const batch = { polls: [{ title: "Then", questions: [question], anonymous: true }] };
const [second] = (await meetings.performBatchPollCreation({ path, body: batch })).data.polls;
assert.equal((await meetings.listMeetingPolls({ path })).data.total_records, 2);
await meetings.updateMeetingPoll({ path: { ...path, pollId: poll.id }, body: { title: "Later", questions: [question] } });
assert.equal((await meetings.getMeetingPoll({ path: { ...path, pollId: poll.id } })).data.title, "Later");

await sim(`meetings/${id}/start`);
const { participant_uuid } = await sim(`meetings/${id}/join`, { name: "Omar Aziz" });
for (const { id: poll_id } of [poll, second])
  await sim(`meetings/${id}/answer`, { poll_id, participant_uuid, answers: { "Clear?": "No" } });
await sim(`meetings/${id}/ask`, { participant_uuid, question: "Why?", answer: "Because." });
await sim(`meetings/${id}/end`);

const past = (await meetings.listPastMeetingsPollResults({ path })).data;
assert.deepEqual(past.questions.map((row) => row.name), ["Omar Aziz", "Anonymous Attendee"]);
assert.equal((await meetings.listPastMeetingsQA({ path })).data.questions[0].question_details[0].answer, "Because.");
assert.equal((await reports.getMeetingPollReports({ path })).data.questions[0].last_name, "Aziz");
const [asked] = (await reports.getMeetingQAReport({ path })).data.questions[0].question_details;
assert.equal(asked.answer_details[0].type, "host_answered_publicly");
const day = new Date().toISOString().slice(0, 10);
const hosts = (await reports.getActiveOrInactiveHostReports({ query: { from: day, to: day } })).data;
assert.equal(hosts.users[0].meetings, 1);

assert.equal((await meetings.listAccountsMeetingOrWebinarSummaries({})).data.summaries.length, 1);
const uuid = encodeURIComponent(encodeURIComponent(past.uuid));
const summary = (await meetings.getMeetingOrWebinarSummary({ path: { meetingId: uuid } })).data;
assert.match(summary.summary_overview, /Omar/);
await meetings.deleteMeetingOrWebinarSummary({ path });
await assert.rejects(meetings.getMeetingOrWebinarSummary({ path }));
await meetings.deleteMeetingPoll({ path: { ...path, pollId: poll.id } });
console.log("polls made, changed, deleted; answers and questions in both reports; hosts; summaries listed, read by uuid, deleted");
process.exit(0);
