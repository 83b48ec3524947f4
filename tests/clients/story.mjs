// What an app does with the client, against a running server. Reads its facts from the first argument, prints what it saw.
import * as classbell from "../../clients/javascript/classbell.js";

const facts = JSON.parse(process.argv[2]);
const API = classbell.createAPI({ baseUrl: facts.url });
const seen = {};

async function error(doing) {
  try {
    await doing();
    return "none";
  } catch (thrown) {
    const { name, status, code } = thrown;
    return { name, status, code, isOurs: thrown instanceof classbell.ClassbellError };
  }
}

seen.strangers = await error(() => API.zoom.getStatus());
seen.wrongPassword = await error(() => API.auth.signIn(facts.email, "wrong"));
const tokens = await API.auth.signIn(facts.email, facts.password);
await API.auth.refresh(tokens.refresh_token);

seen.status = await API.zoom.getStatus();

const wanted = { topic: "Manual Meeting", start_time: facts.start, duration: 60 };
const { meeting } = await API.zoom.createMeeting(wanted, { idempotencyKey: "once" });
seen.created = meeting;
seen.again = (await API.zoom.createMeeting(wanted, { idempotencyKey: "once" })).meeting.id;
seen.got = (await API.zoom.getMeeting(meeting.id)).meeting.title;
seen.gotByNumber = (await API.zoom.getMeeting(meeting.zoom_meeting_id)).meeting.id;
seen.updated = (await API.zoom.updateMeeting(meeting.id, { topic: "Other", duration: 45 })).meeting;

for (const hour of facts.others) await API.zoom.createMeeting({ title: "More", startTime: hour });
seen.page = await API.zoom.listMeetings({ limit: 2, upcoming: true });
seen.all = [];
for await (const one of API.zoom.allMeetings({ limit: 2 })) seen.all.push(one.id);

seen.session = (await API.zoom.createSessionMeeting(facts.session)).meeting;
seen.signature = await API.zoom.getSignature(meeting.zoom_meeting_id, 1);
seen.zak = await API.zoom.getZakToken(facts.zoomUser);
seen.deleted = await API.zoom.deleteMeeting(meeting.id);

seen.errors = {
  invalid: await error(() => API.zoom.createMeeting({ title: "", start_time: "soon" })),
  unknownField: await error(() => API.zoom.createMeeting({ titel: "Typo" })),
  notFound: await error(() => API.zoom.getMeeting("99999999999")),
  notAllowed: await error(() => API.zoom.getZakToken("somebody@else.example")),
  forged: await error(() => classbell.createAPI({ baseUrl: facts.url, token: () => "forged" }).zoom.getStatus()),
  unreachable: await error(() => classbell.createAPI({ baseUrl: facts.nowhere }).zoom.getStatus()),
  slow: await error(() => classbell.createAPI({ baseUrl: facts.silent, timeoutMs: 200 }).zoom.getStatus()),
};

const { open } = classbell.createAPI({ baseUrl: facts.url });
const [teacher] = (await open.listTeachers()).teachers;
const [kind] = await open.listKinds();
const slots = await open.findSlots({ kind: kind.address, date: facts.start.slice(0, 10), days: 2, timezone: "UTC" });
const free = slots.days[1].available_slots.map((slot) => slot.datetime_start);
const asks = { kind: kind.address, start_time: free[0], name: "Salma Haddad", email: "salma@family.example", timezone: "Asia/Riyadh" };
const booked = await open.book(asks, { idempotencyKey: "guest" });
const again = await open.book(asks, { idempotencyKey: "guest" });
const read = await open.getBooking(booked.manage_url);
const errors = {
  taken: await error(() => open.book({ ...asks, email: "other@family.example" })),
  forged: await error(() => open.getBooking("forged")),
  confirmed: await error(() => open.confirmBooking(booked.manage_url)),
};
const moved = await open.rescheduleBooking(booked.manage_url, free[4]);
const cancelled = await open.cancelBooking(booked.manage_url.split("/guest/")[1].replace("/", ""), "Ill");
seen.guest = {
  school: (await open.getSchool()).name,
  teacher: teacher.name,
  kind: kind.address,
  days: slots.days,
  booked,
  again,
  read,
  moved: moved.start_time,
  cancelled: cancelled.status,
  errors,
};

console.log(JSON.stringify(seen));
