const express = require("express");
const { AccessToken } = require("twilio").jwt;
const env = process.env;
const app = express().use(express.static(`${__dirname}/public`));
app.get("/token", (request, response) => {
  const token = new AccessToken(env.TWILIO_ACCOUNT_SID, env.TWILIO_API_KEY, env.TWILIO_API_SECRET, { identity: "me" });
  const grant = { workspaceSid: env.TWILIO_WORKSPACE_SID, workerSid: env.TWILIO_WORKER_SID, role: "worker" };
  token.addGrant(new AccessToken.TaskRouterGrant(grant)); // a real application asks first who is there
  response.json({ token: token.toJwt(), bridge: env.BRIDGE || "http://localhost:8080/v1/wschannels" });
});
app.listen(env.PORT || 3000, "127.0.0.1");
