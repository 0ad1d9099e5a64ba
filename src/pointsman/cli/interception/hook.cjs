// Leads TLS connections for Twilio's names to the local server. Preloaded into every Node process by
// NODE_OPTIONS; it must never break a program that has nothing to do with us.
"use strict";

const host = process.env.POINTSMAN_INTERCEPT_HOST;
const port = Number(process.env.POINTSMAN_INTERCEPT_PORT);
const TLS_PORT = 443;
// Kept on the function, so that a second copy of this hook (a command within a command) does nothing.
const INSTALLED = Symbol.for("pointsman.intercept");

function isTwilio(name) {
  return typeof name === "string" && /^(.+\.)?twilio\.com\.?$/i.test(name);
}

// tls.connect takes (options), (port, options), (port, host, options), each with a callback at the end.
function read(args) {
  const callback = typeof args[args.length - 1] === "function" ? args[args.length - 1] : undefined;
  const options = args.find((arg) => typeof arg === "object" && arg !== null);
  const [first, second] = args;
  if (first === options) return { options: { ...options }, callback };
  const numeric = typeof first === "number" || (typeof first === "string" && /^\d+$/.test(first));
  if (!numeric) return { options: { path: first, ...options }, callback };
  const named = typeof second === "string" ? { host: second } : {};
  return { options: { port: first, ...named, ...options }, callback };
}

// The certificate is read when it is first needed: most Node processes never ask for Twilio.
let authority;
function authorities(existing) {
  if (authority === undefined) {
    authority = require("fs").readFileSync(process.env.POINTSMAN_INTERCEPT_CA, "utf8");
  }
  return [authority].concat(existing || []);
}

function redirected(options) {
  const name = options.host || options.hostname || options.servername;
  const elsewhere = options.socket || options.path || Number(options.port || TLS_PORT) !== TLS_PORT;
  if (elsewhere || !isTwilio(name)) return undefined;
  return {
    ...options,
    host,
    port,
    servername: options.servername || name.replace(/\.$/, ""),
    ca: authorities(options.ca),
    secureContext: undefined, // a context made before would not trust our authority
    lookup: undefined, // these three belong to the way to the real host
    localAddress: undefined,
    family: undefined,
  };
}

function install() {
  const tls = require("tls");
  const connect = tls.connect;
  if (connect[INSTALLED]) return;
  function pointsmanConnect(...args) {
    const { options, callback } = read(args);
    const ours = redirected(options);
    return ours ? connect.call(this, ours, callback) : connect.apply(this, args);
  }
  pointsmanConnect[INSTALLED] = true;
  tls.connect = pointsmanConnect;
  require("module").syncBuiltinESMExports(); // so that `import { connect } from "node:tls"` sees it too
}

if (host && port) install();
