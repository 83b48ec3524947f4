// A webhook endpoint as people write it for Zoom in JavaScript: it signs what it parsed and wrote again, not the raw bytes.
const crypto = require("node:crypto");
const http = require("node:http");

const secret = process.argv[2];
const mac = (text) => crypto.createHmac("sha256", secret).update(text).digest("hex");

const server = http.createServer(async (request, response) => {
  request.setEncoding("utf8");
  let raw = "";
  for await (const piece of request) raw += piece;
  const body = JSON.parse(raw);
  const expected = "v0=" + mac(`v0:${request.headers["x-zm-request-timestamp"]}:${JSON.stringify(body)}`);
  const genuine = request.headers["x-zm-signature"] === expected;
  console.log(JSON.stringify({ event: body.event, genuine }));
  const plainToken = body.payload.plainToken;
  const answer = plainToken ? { plainToken, encryptedToken: mac(plainToken) } : {};
  response.writeHead(genuine ? 200 : 401, { "content-type": "application/json" }).end(JSON.stringify(answer));
});
server.listen(0, "127.0.0.1", () => console.log(JSON.stringify({ port: server.address().port })));
