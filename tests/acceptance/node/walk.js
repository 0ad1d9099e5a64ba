// The official library, unmodified, as a servant of the conformance suite: first it prints its resource tree, a line of
// JSON for each operation with the parameters that it takes; then it reads calls, a line of JSON each, and prints how
// each ended. The server is POINTSMAN_URL.
const readline = require("readline");
const twilio = require("twilio");

const { POINTSMAN_URL, TWILIO_ACCOUNT_SID, TWILIO_AUTH_TOKEN } = process.env;
const ANY_SID = `XX${"0".repeat(32)}`;
const NAVIGATION = ["get", "toJSON"]; // what lists and contexts have besides operations
const OF_FUNCTIONS = ["length", "name", "prototype", "arguments", "caller"];

function workspaces(options) {
  const client = twilio(TWILIO_ACCOUNT_SID, TWILIO_AUTH_TOKEN, options);
  client.taskrouter.baseUrl = POINTSMAN_URL;
  return client.taskrouter.v1.workspaces;
}

// --- the resource tree ------------------------------------------------------------------------------------------------

// Properties set on the object, and getters and methods of its class.
function publicNames(resource) {
  const names = new Set();
  for (let at = resource; at && ![Object, Function].some((kind) => at === kind.prototype); at = Object.getPrototypeOf(at)) {
    Object.getOwnPropertyNames(at).forEach((name) => names.add(name));
  }
  return [...names].filter((name) => !name.startsWith("_") && ![...OF_FUNCTIONS, "constructor"].includes(name)).sort();
}

const isResource = (value) => Boolean(value && value._version);

// Every list and context below, by path; a list is called with any sid to get at what is below a context.
function* walk(resource, path) {
  yield [path, resource];
  for (const name of publicNames(resource)) {
    if (isResource(resource[name])) yield* walk(resource[name], `${path}.${name}`);
  }
  if (typeof resource === "function") yield* walk(resource(ANY_SID), `${path}()`);
}

// The parameters that an operation takes: lists and loops take those of a page, but they turn the pages themselves.
function parametersOf(resource, name) {
  if (name.startsWith("getPage")) return ["targetUrl"];
  if (!/^(list|each)/.test(name)) return lookedFor(resource, name);
  return [...lookedFor(resource, "page").filter((key) => !["pageNumber", "pageToken"].includes(key)), "limit"];
}

// What an operation looks for in its parameters. The request that it makes of them goes nowhere.
function lookedFor(resource, name) {
  const seen = new Set();
  const parameters = new Proxy({}, { get: (target, key) => seen.add(key) && "any" });
  requested.length = 0;
  resource[name](parameters);
  return requested.some((request) => request.data === parameters) ? ["body"] : [...seen]; // the body is sent as it is
}

const requested = [];
const nowhere = {
  request: (request) => {
    requested.push(request);
    return new Promise(() => {});
  },
};

function printTree() {
  for (const [path, resource] of walk(workspaces({ httpClient: nowhere }), "workspaces")) {
    for (const name of publicNames(resource)) {
      if (typeof resource[name] !== "function" || isResource(resource[name]) || NAVIGATION.includes(name)) continue;
      print({ path, operation: name, parameters: parametersOf(resource, name) });
    }
  }
  print({});
}

// --- calls ------------------------------------------------------------------------------------------------------------

const real = workspaces();

// "workspaces().tasks" with its sids. Where the library asks for none (statistics), none is taken.
function find(path, sids) {
  const left = [...sids];
  return path.split(".").reduce((above, step) => {
    const list = above === null ? real : above[step.replace("()", "")];
    if (!step.endsWith("()")) return list;
    return list.get.length > 0 ? list(left.shift()) : list();
  }, null);
}

async function call({ path, sids, operation, parameters }) {
  const resource = find(path, sids);
  if (operation.startsWith("getPage")) return resource[operation](parameters.targetUrl);
  if (operation.startsWith("each")) {
    const rows = [];
    const answer = await resource[operation](parameters, (row) => rows.push(row));
    return answer ? { ...answer, body: rows } : rows;
  }
  return parameters.body ? resource[operation](parameters.body) : resource[operation](parameters);
}

// Pages have rows and addresses; with HTTP information the value is in `body`.
function shown(result) {
  if (result && result.statusCode !== undefined) {
    return { ...shown(result.body), status: result.statusCode, headers: { ...result.headers } };
  }
  if (result && result.instances) {
    return { value: { rows: result.instances, next: result.nextPageUrl, previous: result.previousPageUrl } };
  }
  return { value: result };
}

// A Date is told from a text: {"$date": "2026-03-02T09:00:00.000Z"}.
const print = (value) =>
  process.stdout.write(
    `${JSON.stringify(value, function (key, text) {
      return this[key] instanceof Date ? { $date: text } : text;
    })}\n`,
  );

const read = (line) => JSON.parse(line, (key, value) => (value && value.$date ? new Date(value.$date) : value));

async function serve() {
  for await (const line of readline.createInterface({ input: process.stdin })) {
    const wanted = read(line);
    const about = { path: wanted.path, operation: wanted.operation, parameters: Object.keys(wanted.parameters) };
    try {
      print({ ...about, ...shown(await call(wanted)) });
    } catch (error) {
      print({ ...about, error: { status: error.status, code: error.code, message: error.message } });
    }
  }
}

// After a refused listWithHttpInfo, which rejects as it should, the library stumbles over the answer that it lacks.
process.on("unhandledRejection", () => {});

printTree();
serve();
