"""TaskRouter's spellings: forms in, bodies and pages out, errors, events, callbacks and their signatures."""
