-- An API key may be one that only looks.

ALTER TABLE api_key ADD COLUMN role TEXT NOT NULL DEFAULT 'full'; -- or 'viewer'
