// API keys and the auth token, by the official library. Run by `pointsman exec`; prints what came of it as JSON.
const twilio = require("twilio");

const account = process.env.TWILIO_ACCOUNT_SID;
const status = (promise) => promise.then(() => 200, (problem) => problem.status);
const names = (client) => client.taskrouter.v1.workspaces.list().then((all) => all.map((each) => each.friendlyName));

async function main() {
  const told = {};
  const owner = twilio(account, process.env.TWILIO_AUTH_TOKEN);
  const key = await owner.newKeys.create({ friendlyName: "Billing" });
  told.created = [key.friendlyName, key.secret.length, key.dateCreated instanceof Date && !isNaN(key.dateCreated)];
  for (const name of ["1", "2", "3"]) await owner.newKeys.create({ friendlyName: name });
  told.listed = (await owner.keys.list({ pageSize: 2 })).map((each) => each.friendlyName);
  told.renamed = (await owner.keys(key.sid).update({ friendlyName: "Invoices" })).friendlyName;

  const byKey = twilio(key.sid, key.secret, { accountSid: account });
  told.byKey = (await byKey.taskrouter.v1.workspaces.create({ friendlyName: "By key" })).friendlyName;
  told.deleted = await owner.keys(key.sid).remove();
  told.revoked = await status(byKey.taskrouter.v1.workspaces.create({ friendlyName: "no" }));

  const { secondaryAuthToken } = await owner.accounts.v1.secondaryAuthToken().create();
  const renewed = twilio(account, secondaryAuthToken);
  told.both = [...(await names(owner)), ...(await names(renewed))];
  told.promoted = (await renewed.accounts.v1.authTokenPromotion().update()).authToken === secondaryAuthToken;
  told.old = await status(owner.taskrouter.v1.workspaces.create({ friendlyName: "no" }));
  console.log(JSON.stringify(told));
}

main();
