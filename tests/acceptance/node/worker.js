// The servant in Node: a command a line comes in, answers and events go out.
const readline = require("readline");
const TaskRouter = require("twilio-taskrouter");
const { makeServant } = require("./servant");

const tell = (line) => process.stdout.write(`${JSON.stringify(line)}\n`);
const serve = makeServant(TaskRouter, tell);

readline
  .createInterface({ input: process.stdin })
  .on("line", async (line) => {
    const { id, ...command } = JSON.parse(line);
    tell({ id, ...(await serve(command)) });
  })
  .on("close", () => process.exit(0));
