-- Events are removed when they are old, and then the words that no other event quotes.

-- After this time no event quotes these words; NULL: the entity is there, and these are its words.
ALTER TABLE snapshot ADD COLUMN until_ms bigint;

-- What is known of the words that are there: others have followed them, or their entity has gone.
UPDATE snapshot
SET until_ms = (SELECT w.now_ms + 3600000 FROM workspace w WHERE w.id = snapshot.workspace)
WHERE EXISTS (
    SELECT 1 FROM snapshot s
    WHERE s.workspace = snapshot.workspace AND s.no = snapshot.no AND s.text > snapshot.text
) OR NOT EXISTS (SELECT 1 FROM entity e WHERE e.workspace = snapshot.workspace AND e.no = snapshot.no);

CREATE INDEX snapshot_until ON snapshot (workspace, until_ms) WHERE until_ms IS NOT NULL;
