// The certified OpenID provider `oidc-provider`, with one person, Amina, whose claims are in CLAIMS.

import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

const { MODULES, PORT, HERE, CLAIMS } = process.env;
const found = createRequire(`${MODULES}/`).resolve("oidc-provider");
const { default: Provider } = await import(pathToFileURL(found).href);

const provider = new Provider(`http://localhost:${PORT}`, {
  clients: [
    {
      client_id: "classbell",
      client_secret: "a client secret",
      redirect_uris: [`${HERE}/accounts/oidc/school/callback`],
      post_logout_redirect_uris: [`${HERE}/accounts/login/`],
      backchannel_logout_uri: `${HERE}/accounts/oidc/school/signed-out`,
      backchannel_logout_session_required: true,
    },
  ],
  claims: { openid: ["sub", "groups"], email: ["email", "email_verified"], profile: ["given_name", "family_name"] },
  features: { backchannelLogout: { enabled: true } },
  findAccount: (_context, sub) => ({ accountId: sub, claims: () => ({ sub, ...JSON.parse(CLAIMS) }) }),
  // By itself it tells nobody on the same machine anything.
  fetch: (url, { dispatcher, ...options }) => globalThis.fetch(url, options),
  cookies: { keys: ["a key of tests"] },
});
provider.listen(Number(PORT), "127.0.0.1", () => console.log("ready"));
