// Capability tokens of the first browser SDK, by the official library: one of a worker's page that moves between
// activities and answers offers, and one of a workspace's page. Prints them as JSON.
const { jwt } = require("twilio");

const { TaskRouterCapability } = jwt.taskrouter;
const { Policy } = TaskRouterCapability;
const { defaultEventBridgePolicies, defaultWorkerPolicies, tasksUrl, workersUrl, reservationsUrl, workspacesUrl } =
  jwt.taskrouter.util;
const { TWILIO_ACCOUNT_SID: accountSid, TWILIO_AUTH_TOKEN: authToken, WORKSPACE: workspaceSid, WORKER } = process.env;

function token(channelId, policies, options) {
  const capability = new TaskRouterCapability({ accountSid, authToken, workspaceSid, channelId, ...options });
  defaultEventBridgePolicies(accountSid, channelId).concat(policies).forEach((each) => capability.addPolicy(each));
  return capability.toJwt();
}

const allow = (method, url, filters) => new Policy({ method, url, allow: true, ...filters });
const worker = token(WORKER, [
  ...defaultWorkerPolicies("v1", workspaceSid, WORKER),
  allow("POST", workersUrl(workspaceSid, WORKER), { postFilter: { ActivitySid: { required: true } } }),
  allow("POST", `${tasksUrl(workspaceSid)}/**`),
  allow("POST", reservationsUrl(workspaceSid, WORKER)),
]);
const workspace = token(
  workspaceSid,
  ["GET", "POST", "DELETE"].flatMap((method) => ["", "/**"].map((end) => allow(method, workspacesUrl(workspaceSid) + end))),
  { friendlyName: "a wallboard", ttl: 60 },
);
console.log(JSON.stringify({ worker, workspace }));
