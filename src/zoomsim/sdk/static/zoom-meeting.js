// A stand-in for Zoom's Meeting SDK for web, client view: the calls that pages make, a room without picture and sound.
"use strict";

(() => {
  const server = new URL(".", document.currentScript.src);
  const listeners = new Map();
  let leaveUrl = "";
  let seat = "";
  let room = null;
  let news = null;

  async function ask(what, body) {
    // As plain text: browsers would ask the simulator first whether they may send JSON from another site.
    const answer = await fetch(new URL(what, server), { method: "POST", body: JSON.stringify(body) });
    return answer.json();
  }

  function refuse(handlers, method, code, message) {
    handlers?.error?.({ type: method, method, status: false, result: message, errorCode: code, errorMessage: message });
  }

  function tell(event, about) {
    for (const listener of listeners.get(event) ?? []) {
      listener(about);
    }
  }

  function element(name, text, properties = {}) {
    return Object.assign(document.createElement(name), { textContent: text }, properties);
  }

  function root() {
    let found = document.getElementById("zmmtg-root");
    if (!found) {
      found = element("div", "", { id: "zmmtg-root" });
      document.body.append(found);
    }
    return found;
  }

  function show() {
    const box = element("section", "", { className: "zoomsim-room" });
    box.setAttribute("aria-label", "Simulated Zoom meeting");
    box.append(element("p", "Simulated Zoom. There is neither picture nor sound.", { className: "zoomsim-soft" }));
    box.append(element("h1", room.topic, { dir: "auto" }));
    if (room.over) {
      box.append(element("p", `You are out of the meeting: ${room.reason}`));
      box.append(element("button", "Go on", { onclick: goOn }));
    } else {
      box.append(element("p", `Participants (${room.people.length})`));
      const list = element("ul", "");
      for (const person of room.people) {
        const marks = [person.isHost && "Host", person.isYou && "me"].filter(Boolean).join(", ");
        list.append(element("li", marks ? `${person.userName} (${marks})` : person.userName, { dir: "auto" }));
      }
      const actions = element("div", "", { className: "zoomsim-actions" });
      actions.append(element("button", "Leave", { onclick: () => ZoomMtg.leaveMeeting({}) }));
      if (room.hosts) {
        const end = element("button", "End meeting for all", { className: "zoomsim-end" });
        end.onclick = () => ZoomMtg.endMeeting({});
        actions.append(end);
      }
      box.append(list, actions);
    }
    const pressed = document.activeElement?.closest?.(".zoomsim-room") ? document.activeElement.textContent : "";
    root().replaceChildren(box);
    [...box.querySelectorAll("button")].find((button) => button.textContent === pressed)?.focus();
  }

  function goOn() {
    window.location.assign(leaveUrl);
  }

  function hear(message) {
    const before = new Map(room.people.map((person) => [person.userId, person]));
    room = JSON.parse(message.data);
    const now = new Map(room.people.map((person) => [person.userId, person]));
    for (const person of now.values()) {
      if (!before.has(person.userId)) {
        tell("onUserJoin", person);
      }
    }
    for (const person of before.values()) {
      if (!now.has(person.userId) && !room.over) {
        tell("onUserLeave", { ...person, reasonCode: 0 });
      }
    }
    if (room.over) {
      news.close();
      seat = "";
      tell("onMeetingStatus", { meetingStatus: 3, errorCode: 0, errorMessage: room.reason });
    }
    show();
  }

  async function out(what, handlers) {
    if (!seat) {
      return refuse(handlers, what, 1, "Not in a meeting.");
    }
    news.close();
    const answer = await ask(what, { seat });
    if (answer.errorCode) {
      news = listen();
      return refuse(handlers, what, answer.errorCode, answer.errorMessage);
    }
    seat = "";
    tell("onMeetingStatus", { meetingStatus: 3, errorCode: 0, errorMessage: "" });
    handlers?.success?.({ method: what, status: true, result: null });
    return goOn();
  }

  function listen() {
    const address = new URL("events", server);
    address.searchParams.set("seat", seat);
    const source = new EventSource(address);
    source.onmessage = hear;
    return source;
  }

  const ZoomMtg = {
    setZoomJSLib() {},
    preLoadWasm() {},
    prepareWebSDK() {},
    prepareJssdk() {},
    i18n: { load: () => Promise.resolve(), reload() {} },
    checkSystemRequirements: () => ({ browserInfo: "simulated", browserName: "simulated", features: [] }),

    init(options) {
      if (!options?.leaveUrl) {
        return refuse(options, "init", 4003, "leaveUrl is missing.");
      }
      ({ leaveUrl } = options);
      return options.success?.({ method: "init", status: true, result: null });
    },

    async join(options) {
      if (!leaveUrl) {
        return refuse(options, "join", 4003, "init() comes first.");
      }
      if (seat) {
        return refuse(options, "join", 3005, "You are in another meeting.");
      }
      tell("onMeetingStatus", { meetingStatus: 1 });
      const { success, error, ...sent } = options;
      let answer;
      try {
        answer = await ask("join", sent);
      } catch (problem) {
        return refuse(options, "join", 1, `The meeting cannot be reached: ${problem.message}`);
      }
      if (answer.errorCode) {
        return refuse(options, "join", answer.errorCode, answer.errorMessage);
      }
      ({ seat, ...room } = answer);
      news = listen();
      show();
      tell("onMeetingStatus", { meetingStatus: 2 });
      return success?.({ method: "join", status: true, result: null });
    },

    leaveMeeting: (handlers) => out("leave", handlers),
    endMeeting: (handlers) => out("end", handlers),

    inMeetingServiceListener(event, listener) {
      listeners.set(event, [...(listeners.get(event) ?? []), listener]);
    },

    getAttendeeslist(handlers) {
      handlers?.success?.({ method: "getAttendeeslist", status: true, result: { attendeesList: room?.people ?? [] } });
    },

    getCurrentUser(handlers) {
      const currentUser = room?.people.find((person) => person.isYou) ?? null;
      handlers?.success?.({ method: "getCurrentUser", status: true, result: { currentUser } });
    },

    getCurrentMeetingInfo(handlers) {
      const result = { meetingNumber: room?.meetingNumber ?? "", meetingTopic: room?.topic ?? "" };
      handlers?.success?.({ method: "getCurrentMeetingInfo", status: true, result });
    },
  };

  // Who closes the window has left.
  window.addEventListener("pagehide", () => {
    if (seat) {
      navigator.sendBeacon(new URL("leave", server), JSON.stringify({ seat }));
    }
  });

  window.ZoomMtg = ZoomMtg;
})();
