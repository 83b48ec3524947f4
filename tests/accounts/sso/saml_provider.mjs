// An independent SAML identity provider, the package `samlp`, with one person: whoever asks is Amina.

import { createServer } from "node:http";
import { createRequire } from "node:module";

const { MODULES, PORT, ENTITY, ACS, KEY, CERTIFICATE, OTHER_KEY, OTHER_CERTIFICATE } = process.env;
const samlp = createRequire(`${MODULES}/`)("samlp");

const AMINA = {
  id: "person-1",
  displayName: "Amina Haddad",
  name: { givenName: "Amina", familyName: "Haddad" },
  emails: [{ value: "amina@school.example" }],
  memberOf: ["staff"],
};
const common = {
  issuer: ENTITY,
  recipient: ACS,
  destination: ACS,
  getUserFromRequest: () => AMINA,
  getPostURL: (_audience, _question, _request, done) => done(null, ACS),
};
const keys = { key: KEY, cert: CERTIFICATE };
// What it signs, and with which key, by path.
const ways = {
  "/sso": { ...common, ...keys },
  "/sso/both": { ...common, ...keys, signResponse: true },
  "/sso/response-only": { ...common, ...keys, signAssertion: false, signResponse: true },
  "/sso/other-key": { ...common, key: OTHER_KEY, cert: OTHER_CERTIFICATE },
};

createServer((request, response) => {
  const asked = new URL(request.url, `http://localhost:${PORT}`);
  // What Express, for which it is made, adds to Node's own.
  request.query = Object.fromEntries(asked.searchParams);
  request.originalUrl = request.url;
  request.protocol = "http";
  response.set = (name, value) => response.setHeader(name, value);
  response.send = (body) => response.end(String(body));
  const failed = (error) => response.writeHead(500).end(String(error));
  if (asked.pathname === "/metadata") {
    const metadata = { ...keys, issuer: ENTITY, redirectEndpointPath: "/sso", postEndpointPath: "/sso" };
    samlp.metadata(metadata)(request, response, failed);
  } else {
    samlp.auth(ways[asked.pathname])(request, response, failed);
  }
}).listen(Number(PORT), "127.0.0.1", () => console.log("ready"));
