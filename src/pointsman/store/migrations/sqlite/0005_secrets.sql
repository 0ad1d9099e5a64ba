-- Access tokens are signed with the secrets of API keys.

ALTER TABLE api_key ADD COLUMN secret TEXT; -- NULL: made before secrets were kept, so it can log in and sign nothing
