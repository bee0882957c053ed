-- Tenants, people and their tokens; secrets; first answers to repeated requests.
-- Times are Unix milliseconds. Ids are never used again.

CREATE TABLE organisation (
    id      INTEGER PRIMARY KEY AUTOINCREMENT,
    name    TEXT    NOT NULL,
    created INTEGER NOT NULL
);

CREATE TABLE member (
    id              INTEGER PRIMARY KEY AUTOINCREMENT,
    organisation_id INTEGER NOT NULL,
    name            TEXT    NOT NULL,
    role            INTEGER NOT NULL, -- 1 Administrator, 2 User, 3 Observer
    created         INTEGER NOT NULL
);
CREATE INDEX member_by_organisation ON member (organisation_id, id);

CREATE TABLE application_token (
    id              INTEGER PRIMARY KEY AUTOINCREMENT,
    organisation_id INTEGER NOT NULL,
    member_id       INTEGER NOT NULL, -- the creator, whose role the token has
    hash            BLOB    NOT NULL UNIQUE, -- HMAC-SHA256 with the pepper
    description     TEXT,
    created         INTEGER NOT NULL,
    expiry_date     INTEGER,
    ip              TEXT, -- CIDR
    status          INTEGER NOT NULL -- 0 Activated, 1 Revoked
);
CREATE INDEX application_token_by_organisation ON application_token (organisation_id, id);

CREATE TABLE secret (
    name    TEXT    PRIMARY KEY,
    value   BLOB    NOT NULL, -- AES-256-GCM: nonce (12), tag (16), ciphertext; the name is the associated data
    created INTEGER NOT NULL
);

CREATE TABLE idempotency (
    organisation_id INTEGER NOT NULL,
    idempotency_key TEXT    NOT NULL,
    method          TEXT    NOT NULL,
    path            TEXT    NOT NULL,
    attempt         BLOB    NOT NULL, -- random; only its holder may store the answer
    request_hash    BLOB    NOT NULL, -- SHA-256 of the body
    created         INTEGER NOT NULL,
    lease_end       INTEGER NOT NULL, -- until then, the attempt that has no answer yet is taken to be running
    status          INTEGER, -- HTTP status of the answer; null while there is none
    headers         TEXT, -- JSON object
    body            BLOB,
    PRIMARY KEY (organisation_id, idempotency_key, method, path)
);
CREATE INDEX idempotency_by_age ON idempotency (created);
