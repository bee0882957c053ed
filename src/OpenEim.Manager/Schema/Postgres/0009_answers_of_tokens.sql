-- First answers to repeated requests, each of the application token that asked. Those in idempotency are of a version before, which
-- did not note the token: they are shown to nobody, and forgotten after their day. What that version writes there stays as it was.
CREATE TABLE kept_answer (
    organisation_id bigint NOT NULL,
    token_id        bigint NOT NULL,
    request         bytea  NOT NULL, -- SHA-256 of the key, the method and the path
    attempt         bytea  NOT NULL, -- random; only its holder may store the answer
    name            bytea  NOT NULL, -- what the attempts at one request are called towards others who must know a repetition
    body_hash       bytea  NOT NULL, -- SHA-256 of the body
    created         bigint NOT NULL,
    lease_end       bigint NOT NULL, -- until then, the attempt that has no answer yet is taken to be running; 0: it was given up
    status          bigint,          -- HTTP status of the answer; null while there is none
    headers         text,            -- JSON object
    body            bytea,           -- encrypted under the master key
    PRIMARY KEY (organisation_id, token_id, request)
);
CREATE INDEX kept_answer_by_age ON kept_answer (created);
