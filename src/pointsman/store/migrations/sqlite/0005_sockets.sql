-- What sockets of workers need: the secrets that sign their tokens, and who goes away with the last of them.

ALTER TABLE api_key ADD COLUMN secret TEXT; -- NULL: made before secrets were kept, so it can log in and sign nothing

-- Workers with a socket, who move to an activity when the last one has closed, also if the server ends meanwhile.
CREATE TABLE attendance (
    workspace TEXT NOT NULL,
    worker TEXT NOT NULL,
    activity TEXT, -- NULL: the workspace's timeout activity
    PRIMARY KEY (workspace, worker)
) STRICT, WITHOUT ROWID;
