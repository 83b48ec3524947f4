/**
 * Classbell's API for browsers and Node: an ES module without dependencies.
 *
 * Types are in classbell.d.ts. Every call answers what the API answers, or throws a ClassbellError.
 */

const TIMEOUT_MS = 20_000;

/** Every operation this module calls: the API's own description is held against it. */
export const OPERATIONS = Object.freeze({
  signIn: { method: "POST", path: "/api/auth/token", body: ["email", "password"] },
  refresh: { method: "POST", path: "/api/auth/token/refresh", body: ["refresh_token"] },
  getStatus: { method: "GET", path: "/api/zoom/status" },
  createMeeting: {
    method: "POST",
    path: "/api/zoom/meetings",
    body: [
      "title", "description", "startTime", "duration", "timezone", "recurrence", "classId", "targetAudience", "hostId",
      "invited", "registrationEnabled", "settings", "location",
    ],
  },
  getMeeting: { method: "GET", path: "/api/zoom/meetings/{meeting_id}", query: ["student_id"] },
  updateMeeting: {
    method: "PATCH",
    path: "/api/zoom/meetings/{meeting_id}",
    body: [
      "title", "description", "startTime", "duration", "timezone", "recurrence", "classId", "targetAudience",
      "registrationEnabled", "settings", "location", "occurrence_id",
    ],
  },
  deleteMeeting: { method: "DELETE", path: "/api/zoom/meetings/{meeting_id}", query: ["occurrence_id"] },
  listMeetings: {
    method: "GET",
    path: "/api/zoom/meetings",
    query: ["status", "classId", "upcoming", "student_id", "limit", "cursor"],
  },
  createSessionMeeting: { method: "POST", path: "/api/zoom/sessions/meeting", body: ["session_id"] },
  getSignature: { method: "POST", path: "/api/v1/zoom/signature", body: ["meetingNumber", "role"], query: ["student_id"] },
  getZakToken: { method: "POST", path: "/api/v1/zoom/zak-token", body: ["userId"] },
  getPublicSchool: { method: "GET", path: "/api/public/school" },
  listPublicTeachers: {
    method: "GET",
    path: "/api/public/teachers",
    query: ["limit", "cursor", "q", "subject", "language", "price_at_most", "currency", "weekday", "part", "timezone"],
  },
  getPublicTeacher: { method: "GET", path: "/api/public/teachers/{address}" },
  listPublicKinds: { method: "GET", path: "/api/public/kinds" },
  findPublicSlots: {
    method: "GET",
    path: "/api/public/slots",
    query: ["kind", "date", "teacher", "duration", "timezone", "days"],
  },
  bookAsGuest: {
    method: "POST",
    path: "/api/public/bookings",
    body: ["kind", "teacher", "start_time", "duration", "name", "email", "answers", "price", "currency", "timezone", "website"],
  },
  getGuestBooking: { method: "GET", path: "/api/public/bookings/{token}" },
  confirmGuestBooking: { method: "POST", path: "/api/public/bookings/{token}/confirm" },
  rescheduleGuestBooking: { method: "POST", path: "/api/public/bookings/{token}/reschedule", body: ["start_time"] },
  cancelGuestBooking: { method: "POST", path: "/api/public/bookings/{token}/cancel", body: ["reason"] },
});

/** Zoom's names for what the API calls otherwise; both may be given. */
const SPELLINGS = { topic: "title", agenda: "description", start_time: "startTime" };

/** The API said no, or did not answer. */
export class ClassbellError extends Error {
  /** @param {string} message for people @param {{status?: number, code?: string, details?: object[], cause?: unknown}} facts */
  constructor(message, { status = 0, code = "", details = [], cause } = {}) {
    super(message, { cause });
    this.name = this.constructor.name;
    this.status = status;
    this.code = code;
    this.details = details;
  }
}

/** 400: something in the request, or the state of things, does not allow it. */
export class InvalidRequest extends ClassbellError {}
/** 401: sign in first, or again. */
export class NotSignedIn extends ClassbellError {}
/** 403: this person may not do it. */
export class NotAllowed extends ClassbellError {}
/** 404: it is not there, or not for this person; 410: not any more. */
export class NotFound extends ClassbellError {}
/** 429: wait `retryAfterSeconds` and ask again. */
export class TooManyRequests extends ClassbellError {
  retryAfterSeconds = 0;
}
/** 5xx: Zoom, or Classbell itself, failed. */
export class ServerFailed extends ClassbellError {}
/** 503: Zoom is not configured, or is not asked for a moment because it is failing. */
export class Unavailable extends ServerFailed {}
/** No answer: no network, wrong address, or it took too long. */
export class Unreachable extends ClassbellError {}

const ERRORS = { 401: NotSignedIn, 403: NotAllowed, 404: NotFound, 410: NotFound, 429: TooManyRequests, 503: Unavailable };

/**
 * Return the API of one installation.
 *
 * Tokens come from `API.auth.signIn`, or from `token`: the token itself, or a function that returns it or a promise of it.
 *
 * @type {typeof import("./classbell.d.ts").createAPI}
 */
export function createAPI({ baseUrl, token, fetch = globalThis.fetch, timeoutMs = TIMEOUT_MS }) {
  const root = baseUrl.replace(/\/+$/, "");
  let theToken = token;

  async function call(name, { id, body, query, headers = {} } = {}) {
    const { method, path, query: known = [] } = OPERATIONS[name];
    const url = new URL(root + path.replace(/\{\w+\}/, encodeURIComponent(id)));
    for (const [field, value] of Object.entries(query ?? {})) {
      if (!known.includes(field)) throw new TypeError(`${name} has no parameter ${field}`);
      if (value !== undefined && value !== null) url.searchParams.set(field, String(value));
    }
    const bearer = typeof theToken === "function" ? await theToken() : theToken;
    const sent = {
      method,
      headers: {
        Accept: "application/json",
        ...(bearer && { Authorization: `Bearer ${bearer}` }),
        ...(body && { "Content-Type": "application/json" }),
        ...headers,
      },
      body: body && JSON.stringify(spelled(name, body)),
      signal: AbortSignal.timeout(timeoutMs),
    };
    let response, text;
    try {
      response = await fetch(url, sent);
      text = await response.text();
    } catch (cause) {
      throw new Unreachable(`${method} ${url.pathname}: no answer`, { code: "unreachable", cause });
    }
    const answer = parsed(text);
    if (!response.ok) throw refusal(response, answer);
    if (answer === undefined) {
      throw new ServerFailed(`${method} ${url.pathname}: the answer is no JSON`, { status: response.status });
    }
    return answer;
  }

  async function keepToken(answering) {
    const tokens = await answering;
    theToken = tokens.access_token;
    return tokens;
  }

  const auth = {
    signIn: (email, password) => keepToken(call("signIn", { body: { email, password } })),
    refresh: (refreshToken) => keepToken(call("refresh", { body: { refresh_token: refreshToken } })),
  };

  const zoom = {
    getStatus: () => call("getStatus"),
    createMeeting: (meeting, { idempotencyKey } = {}) =>
      call("createMeeting", { body: meeting, headers: idempotencyKey ? { "Idempotency-Key": idempotencyKey } : {} }),
    getMeeting: (id, query) => call("getMeeting", { id, query }),
    updateMeeting: (id, changes) => call("updateMeeting", { id, body: changes }),
    deleteMeeting: (id, query) => call("deleteMeeting", { id, query }),
    listMeetings: (query) => call("listMeetings", { query }),
    async *allMeetings(query) {
      let cursor;
      do {
        const page = await call("listMeetings", { query: { ...query, cursor } });
        yield* page.meetings;
        cursor = page.next_cursor;
      } while (cursor);
    },
    createSessionMeeting: (sessionId) => call("createSessionMeeting", { body: { session_id: sessionId } }),
    getSignature: async (meetingNumber, role, query) =>
      (await call("getSignature", { body: { meetingNumber, role }, query })).data.signature,
    getZakToken: async (userId) => (await call("getZakToken", { body: { userId } })).zak,
  };

  // What everybody may ask, without a sign-in, once the school is open.
  const open = {
    getSchool: () => call("getPublicSchool"),
    listTeachers: (query) => call("listPublicTeachers", { query }),
    getTeacher: (address) => call("getPublicTeacher", { id: address }),
    listKinds: async () => (await call("listPublicKinds")).kinds,
    findSlots: (query) => call("findPublicSlots", { query }),
    book: (booking, { idempotencyKey } = {}) =>
      guests("bookAsGuest", { body: booking, headers: idempotencyKey ? { "Idempotency-Key": idempotencyKey } : {} }),
    getBooking: (link) => guests("getGuestBooking", { id: tokenOf(link) }),
    confirmBooking: (link) => guests("confirmGuestBooking", { id: tokenOf(link) }),
    rescheduleBooking: (link, startTime) =>
      guests("rescheduleGuestBooking", { id: tokenOf(link), body: { start_time: startTime } }),
    cancelBooking: (link, reason = "") => guests("cancelGuestBooking", { id: tokenOf(link), body: { reason } }),
  };

  async function guests(name, sent) {
    return (await call(name, sent)).booking;
  }

  return { auth, zoom, open };
}

/** Return the token of a guest's booking from its link, or as it is. */
function tokenOf(link) {
  return /\/guest\/([^/?#]+)/.exec(link)?.[1] ?? link;
}

/** Return a body in the API's spelling; a field that the API does not know is a mistake of the caller's. */
function spelled(name, body) {
  const known = OPERATIONS[name].body;
  return Object.fromEntries(
    Object.entries(body).map(([field, value]) => {
      const spelling = known.includes(field) ? field : (SPELLINGS[field] ?? field);
      if (!known.includes(spelling)) throw new TypeError(`${name} has no field ${field}`);
      return [spelling, value];
    }),
  );
}

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function refusal(response, answer) {
  const { status } = response;
  const Kind = ERRORS[status] ?? (status >= 500 ? ServerFailed : InvalidRequest);
  // The two spellings of the API's envelopes.
  const message = answer?.error ?? answer?.message ?? `The server answered ${status}.`;
  const error = new Kind(message, { status, code: answer?.code ?? "", details: answer?.details ?? [] });
  if (error instanceof TooManyRequests) error.retryAfterSeconds = Number(response.headers.get("Retry-After")) || 1;
  return error;
}
