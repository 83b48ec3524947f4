/** Classbell's API for browsers and Node. Times are ISO 8601 text. */

export type Audience = "class" | "students" | "teachers" | "all" | "invited";

export interface Tokens {
  access_token: string;
  refresh_token: string;
  token_type: string;
  expires_in: number;
}

export interface Status {
  configured: boolean;
  status: { success: boolean; configured: boolean; message?: string; error?: string; user?: Record<string, unknown> };
  sdk: Record<string, unknown>;
  webhook: Record<string, unknown>;
  checked_at: string | null;
  circuit: Record<string, unknown>;
  limits: Record<string, unknown>;
  backlog: Record<string, unknown>;
  accounts: Record<string, unknown>[];
}

/** What a meeting can be asked to be. Without `timezone`, `startTime` has an offset; `recurrence` is an RFC 5545 rule. */
export interface MeetingFields {
  title?: string;
  description?: string;
  startTime?: string;
  /** Minutes. */
  duration?: number;
  timezone?: string | null;
  recurrence?: string;
  classId?: string | null;
  targetAudience?: Audience | null;
  registrationEnabled?: boolean;
  settings?: Record<string, unknown>;
  /** An address or a room, where it is held instead of at Zoom; "" is at Zoom. */
  location?: string;
  /** Zoom's spelling of `title`. */
  topic?: string;
  /** Zoom's spelling of `description`. */
  agenda?: string;
  /** Zoom's spelling of `startTime`. */
  start_time?: string;
}

export interface NewMeeting extends MeetingFields {
  hostId?: string | null;
  invited?: string[];
}

export interface MeetingChanges extends MeetingFields {
  /** Change the time of this session of a series only. */
  occurrence_id?: string;
}

export interface Person {
  id: string;
  name: string;
  email: string;
  avatar: string;
}

export interface Occurrence {
  id: string;
  zoom_occurrence_id: string;
  start_time: string;
  end_time: string;
  status: string;
  location: string | null;
}

/** One stay of one connection; `user_id` is null while nobody knows who it was. */
export interface Participant {
  id: string;
  user_id: string | null;
  zoom_participant_id: string;
  name: string;
  email: string;
  join_time: string;
  leave_time: string | null;
  /** Seconds. */
  duration: number;
  status: string;
}

export interface ListedMeeting {
  id: string;
  zoom_meeting_id: string | null;
  title: string;
  start_time: string;
  next_start_time: string | null;
  duration: number;
  timezone: string;
  status: string;
  sync_status: string;
  host: Person;
  class: { id: string; name: string } | null;
}

export interface Meeting {
  id: string;
  zoom_meeting_id: string | null;
  host_id: string;
  title: string;
  description: string;
  meeting_type: string;
  start_time: string;
  duration: number;
  timezone: string;
  recurrence: string;
  status: string;
  sync_status: string;
  sync_error: string | null;
  join_url: string | null;
  /** For the host and admins only. */
  start_url: string | null;
  password: string | null;
  class_id: string | null;
  target_audience: string;
  /** What the meeting asks for itself. */
  settings: Record<string, unknown>;
  /** What holds, with what it inherits. */
  effective_settings: Record<string, unknown>;
  /** What Zoom keeps otherwise than it was asked; for the host and admins only. */
  overruled: {
    setting: string;
    asked: boolean | number | string | null;
    kept: boolean | number | string | null;
    locked: boolean;
  }[];
  registration_url: string | null;
  registration_enabled: boolean;
  /** Where it is held instead of at Zoom: a room, or an address for who is shown the way in. */
  location: string | null;
  is_elsewhere: boolean;
  /** When Zoom ends it too early, because its host has no licence. */
  ends_after_minutes: number | null;
  /** More people than its Zoom host lets in, the teacher among them; for the host and admins. */
  too_many_people: { people: number; capacity: number } | null;
  host: Person;
  class: { id: string; name: string } | null;
  /** Those of the session that runs or was last, for who keeps its attendance; empty for others. */
  participants: Participant[];
  occurrences: Occurrence[];
  created_at: string;
  updated_at: string;
}

export interface MeetingQuery {
  status?: string;
  classId?: string;
  upcoming?: boolean;
  /** A guardian's child. */
  student_id?: string;
  limit?: number;
  cursor?: string;
}

export interface AuthAPI {
  /** Sign in and use the token from now on; `refresh_token` gets the next one. */
  signIn(email: string, password: string): Promise<Tokens>;
  refresh(refreshToken: string): Promise<Tokens>;
}

export interface ZoomAPI {
  getStatus(): Promise<Status>;
  createMeeting(meeting: NewMeeting, options?: { idempotencyKey?: string }): Promise<{ meeting: Meeting }>;
  /** `id` is Classbell's or Zoom's number; guardians name their child as `student_id`. */
  getMeeting(id: string, query?: { student_id?: string }): Promise<{ meeting: Meeting }>;
  updateMeeting(id: string, changes: MeetingChanges): Promise<{ meeting: Meeting }>;
  deleteMeeting(id: string, query?: { occurrence_id?: string }): Promise<{ success: boolean }>;
  listMeetings(query?: MeetingQuery): Promise<{ meetings: ListedMeeting[]; next_cursor: string | null }>;
  allMeetings(query?: MeetingQuery): AsyncGenerator<ListedMeeting, void, void>;
  createSessionMeeting(sessionId: string): Promise<{ meeting: Meeting }>;
  /** `role` is 0 for an attendee, 1 for the host; guardians come in for their child, named as `student_id`. */
  getSignature(meetingNumber: string, role: 0 | 1, query?: { student_id?: string }): Promise<string>;
  getZakToken(userId: string): Promise<string>;
}

/** The school's own page; `picture` is an https address, "" for none. */
export interface PublicSchool {
  name: string;
  english: string;
  arabic: string;
  picture: string;
  url: string;
  confirms_guests_by: "link" | "at_once";
  shows_ratings: boolean;
}

/** A teacher's page; `languages` are codes of ISO 639, `kinds` addresses. */
export interface PublicTeacher {
  address: string;
  name: string;
  english: string;
  arabic: string;
  picture: string;
  languages: string[];
  subjects: string[];
  timezone: string;
  kinds: string[];
  rating: number | null;
  rating_count: number | null;
  /** Null without a free hour in the next two weeks, or at the time that was asked for. */
  next_free: string | null;
  url: string;
}

/** What a teacher has to have, all of it, and which page of them. */
export interface TeachersQuery {
  limit?: number;
  cursor?: string;
  /** In names, words about them and subjects. */
  q?: string;
  subject?: string;
  /** As ISO 639 writes it: ar, en. */
  language?: string;
  /** A kind of lesson for so much, in the smallest unit of `currency`. */
  price_at_most?: number;
  currency?: string;
  /** Free on this day in the next two weeks, 0 for Monday. */
  weekday?: number;
  part?: "morning" | "afternoon" | "evening";
  /** By which clock days and hours are meant; UTC unless said. */
  timezone?: string;
}

/** A kind of lesson that everybody may book; `price` is in the smallest unit of `currency`, `teachers` are addresses. */
export interface PublicKind {
  address: string;
  name: string;
  description: string;
  /** Lengths to choose from. */
  minutes: number[];
  price: number | null;
  currency: string;
  /** Held while it is paid: send the price that the guest saw. */
  is_paid_when_booked: boolean;
  trial: boolean;
  seats: number;
  colour: string;
  questions: { key: string; text: string; kind: "short" | "long" | "choice"; required: boolean; choices: string[] }[];
  teachers: string[];
  url: string;
}

/** Which free times of a kind: a day, or `days` days from it, with one teacher or any; the kind and the teacher by address. */
export interface SlotsQuery {
  kind: string;
  /** As 2027-08-20. */
  date: string;
  teacher?: string;
  /** Minutes: one of the kind's lengths. */
  duration?: number;
  timezone?: string;
  days?: number;
}

export interface Slot {
  start_time: string;
  end_time: string;
  datetime_start: string;
  datetime_end: string;
  teachers: number;
  /** For who is signed in only. */
  seats?: number;
  /** There only where it begins in a holiday that warns. */
  holiday?: string;
}

export interface Slots {
  kind: string;
  timezone: string;
  duration: number;
  /** There only where Zoom would end lessons of this length early. */
  ends_after_minutes?: number;
  days: { date: string; available_slots: Slot[] }[];
}

/** A lesson that somebody without an account books; without `teacher` the school chooses one. */
export interface NewGuestBooking {
  kind: string;
  teacher?: string;
  /** With an offset, or on the clock of `timezone`. */
  start_time: string;
  duration?: number;
  name: string;
  email: string;
  /** By the keys of the kind's questions. */
  answers?: Record<string, string>;
  /** What the guest saw of a kind that is paid when booked. */
  price?: number;
  currency?: string;
  timezone: string;
  /** Leave it out: people do not see it, and programs that fill it in book nothing. */
  website?: string;
}

/** A guest's booking: held until `held_until` while it `awaits_confirmation` by the mailed link, or `awaits_payment`. */
export interface GuestBooking {
  id: string;
  status: string;
  awaits_confirmation: boolean;
  awaits_payment: boolean;
  /** Where to pay it; said once, when it is booked. */
  pay_url: string | null;
  held_until: string | null;
  start_time: string;
  end_time: string;
  teacher: string | null;
  teacher_name: string;
  kind: string;
  can_cancel: boolean;
  can_reschedule: boolean;
  join_url: string | null;
  /** Sees to it; so do the calls below, with this link. */
  manage_url: string;
}

/** What everybody may ask, without a sign-in, once the school is open: NotFound until then. */
export interface OpenAPI {
  getSchool(): Promise<PublicSchool>;
  listTeachers(query?: TeachersQuery): Promise<{ teachers: PublicTeacher[]; next_cursor: string | null }>;
  getTeacher(address: string): Promise<PublicTeacher>;
  listKinds(): Promise<PublicKind[]>;
  findSlots(query: SlotsQuery): Promise<Slots>;
  book(booking: NewGuestBooking, options?: { idempotencyKey?: string }): Promise<GuestBooking>;
  /** `link` is the booking's link or its token; so below. */
  getBooking(link: string): Promise<GuestBooking>;
  /** With the mailed link; the one that `book` answers confirms nothing. */
  confirmBooking(link: string): Promise<GuestBooking>;
  rescheduleBooking(link: string, startTime: string): Promise<GuestBooking>;
  cancelBooking(link: string, reason?: string): Promise<GuestBooking>;
}

export interface API {
  auth: AuthAPI;
  zoom: ZoomAPI;
  open: OpenAPI;
}

export interface Options {
  baseUrl: string;
  token?: string | (() => string | Promise<string>);
  fetch?: typeof globalThis.fetch;
  timeoutMs?: number;
}

export function createAPI(options: Options): API;

export interface Operation {
  readonly method: string;
  readonly path: string;
  readonly body?: readonly string[];
  readonly query?: readonly string[];
}

export const OPERATIONS: Readonly<Record<string, Operation>>;

export class ClassbellError extends Error {
  /** HTTP; 0 when no answer came. */
  status: number;
  /** Stable, for programs. */
  code: string;
  details: Record<string, unknown>[];
}

export class InvalidRequest extends ClassbellError {}
export class NotSignedIn extends ClassbellError {}
export class NotAllowed extends ClassbellError {}
export class NotFound extends ClassbellError {}
export class TooManyRequests extends ClassbellError {
  retryAfterSeconds: number;
}
export class ServerFailed extends ClassbellError {}
export class Unavailable extends ServerFailed {}
export class Unreachable extends ClassbellError {}
