-- API keys, second tokens, and accounts that others made.

ALTER TABLE account ADD COLUMN secondary_token text;
ALTER TABLE account ADD COLUMN owner text; -- the account that made it; NULL: nobody
ALTER TABLE account ADD COLUMN updated_ms bigint; -- NULL: not since it was made

CREATE TABLE api_key (
    sid text PRIMARY KEY,
    account text NOT NULL,
    secret_hash text NOT NULL, -- SHA-256 of the secret, in hexadecimal
    friendly_name text NOT NULL,
    created_ms bigint NOT NULL,
    updated_ms bigint NOT NULL
);
