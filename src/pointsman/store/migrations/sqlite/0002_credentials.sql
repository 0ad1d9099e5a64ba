-- API keys, second tokens, and accounts that others made.

ALTER TABLE account ADD COLUMN secondary_token TEXT;
ALTER TABLE account ADD COLUMN owner TEXT; -- the account that made it; NULL: nobody
ALTER TABLE account ADD COLUMN updated_ms INTEGER; -- NULL: not since it was made

CREATE TABLE api_key (
    sid TEXT PRIMARY KEY,
    account TEXT NOT NULL,
    secret_hash TEXT NOT NULL, -- SHA-256 of the secret, in hexadecimal
    friendly_name TEXT NOT NULL,
    created_ms INTEGER NOT NULL,
    updated_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
