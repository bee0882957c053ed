-- First answers to repeated requests, each of the application token that asked. Those in idempotency are of a version before, which
-- did not note the token: they are shown to nobody, and forgotten after their day. What that version writes there stays as it was.
CREATE TABLE kept_answer (
    organisation_id INTEGER NOT NULL,
    token_id        INTEGER NOT NULL,
    request         BLOB    NOT NULL, -- SHA-256 of the key, the method and the path
    attempt         BLOB    NOT NULL, -- random; only its holder may store the answer
    name            BLOB    NOT NULL, -- what the attempts at one request are called towards others who must know a repetition
    body_hash       BLOB    NOT NULL, -- SHA-256 of the body
    created         INTEGER NOT NULL,
    lease_end       INTEGER NOT NULL, -- until then, the attempt that has no answer yet is taken to be running; 0: it was given up
    status          INTEGER,          -- HTTP status of the answer; null while there is none
    headers         TEXT,             -- JSON object
    body            BLOB,             -- encrypted under the master key
    PRIMARY KEY (organisation_id, token_id, request)
) WITHOUT ROWID;
CREATE INDEX kept_answer_by_age ON kept_answer (created);
