// The servant in a page: bundled by esbuild, driven by Playwright.
const TaskRouter = require("twilio-taskrouter");
const { makeServant } = require("./servant");

window.serve = makeServant(TaskRouter, (line) => window.tell(line));
