"""The worker SDK from npm, unmodified, in Node and in a browser: each public method and event has a case."""
