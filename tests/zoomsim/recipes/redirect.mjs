// For recipes in Node: what goes to Zoom's hosts comes to the simulator instead.
import http from "node:http";
import https from "node:https";
import { syncBuiltinESMExports } from "node:module";

const here = new URL(JSON.parse(process.env.FACTS).url);
const zooms = new Set(["api.zoom.us", "zoom.us"]);
const before = https.request;

https.request = function request(...given) {
  const options = typeof given[0] === "string" || given[0] instanceof URL ? new URL(given[0]) : given[0];
  const host = options.hostname ?? options.host;
  if (!zooms.has(host)) return before.apply(https, given);
  const more = given.find((one, place) => place > 0 && typeof one === "object") ?? {};
  const callback = given.find((one) => typeof one === "function");
  const path = options.path ?? `${options.pathname}${options.search ?? ""}`;
  const { agent, agents, protocol, href, ...kept } = { ...(options instanceof URL ? {} : options), ...more };
  const sent = { ...kept, hostname: here.hostname, host: here.hostname, port: here.port, protocol: "http:", path, agent: undefined };
  return http.request(sent, callback);
};
https.get = (...given) => https.request(...given).end();
syncBuiltinESMExports();
