-- Profiles in stock, their orders, the sessions in which they are downloaded, and what eUICCs reported.
-- Times are Unix milliseconds, EIDs 16 bytes, ICCIDs digits. What is called sealed is AES-256-GCM under the master key:
-- nonce (12), tag (16), ciphertext; the row's name is the associated data.

CREATE TABLE secret (
    name    TEXT    PRIMARY KEY,
    value   BLOB    NOT NULL, -- sealed
    created INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE profile_type (
    name                  TEXT    PRIMARY KEY,
    template              BLOB    NOT NULL, -- sealed; the profile package that subscribers' data are put into
    service_provider_name TEXT    NOT NULL,
    profile_name          TEXT    NOT NULL,
    class                 INTEGER NOT NULL, -- 0 test, 1 provisioning, 2 operational
    policy_rules          INTEGER NOT NULL, -- named bits of PprIds
    fallback_allowed      INTEGER,          -- null: not stated
    replace_session_keys  INTEGER NOT NULL, -- 1: the package is protected with keys of its own
    package_length        INTEGER NOT NULL, -- bytes; also what the eUICC must have free
    saip_major            INTEGER NOT NULL, -- major version of the profile package
    iccid_prefix          TEXT    NOT NULL, -- of generated profiles; a number and the check digit follow
    imsi_prefix           TEXT    NOT NULL,
    next_number           INTEGER NOT NULL,
    created               INTEGER NOT NULL
);

CREATE TABLE profile (
    iccid        TEXT    PRIMARY KEY,
    profile_type TEXT    NOT NULL,
    state        INTEGER NOT NULL, -- ProfileState
    package      BLOB    NOT NULL, -- sealed; the personalised profile package
    eid          BLOB,             -- the one eUICC that the package was delivered to; never changes again
    created      INTEGER NOT NULL,
    modified     INTEGER NOT NULL
);
CREATE INDEX profile_by_state ON profile (profile_type, state, iccid);

CREATE TABLE download_order (
    id                    INTEGER PRIMARY KEY AUTOINCREMENT,
    iccid                 TEXT    NOT NULL UNIQUE,
    requester             TEXT    NOT NULL, -- functionRequesterIdentifier
    eid                   BLOB,             -- the eUICC that it is for, where the operator said so
    matching_id           TEXT    UNIQUE,   -- null before confirmOrder, and where the eUICC is found by its EID alone
    confirmation_code     BLOB,             -- sealed; SHA-256 of the code
    expiry                INTEGER,          -- set by the release
    downloads             INTEGER NOT NULL, -- packages delivered
    confirmation_failures INTEGER NOT NULL,
    created               INTEGER NOT NULL,
    modified              INTEGER NOT NULL
);
CREATE INDEX download_order_by_eid ON download_order (eid, id) WHERE eid IS NOT NULL;

CREATE TABLE session (
    transaction_id    BLOB    PRIMARY KEY,
    iccid             TEXT    NOT NULL,
    order_id          INTEGER NOT NULL, -- a session does not outlive its order
    eid               BLOB    NOT NULL,
    euicc_certificate BLOB    NOT NULL,
    request_hash      BLOB    NOT NULL, -- SHA-256 of the authenticateServerResponse that opened it
    smdp_signed2      BLOB    NOT NULL,
    smdp_signature2   BLOB    NOT NULL,
    cancelled         INTEGER NOT NULL,
    expiry            INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX session_by_expiry ON session (expiry);

CREATE TABLE delivery (
    id                        INTEGER PRIMARY KEY AUTOINCREMENT,
    transaction_id            BLOB    NOT NULL UNIQUE,
    iccid                     TEXT    NOT NULL,
    eid                       BLOB    NOT NULL,
    euicc_certificate         BLOB    NOT NULL, -- verifies the installation result, which carries none
    euicc_otpk                BLOB    NOT NULL,
    smdp_otpk                 BLOB    NOT NULL,
    initialise_secure_channel BLOB,             -- BF23; null once the result is known
    segments                  BLOB,             -- A0 to A3, protected for this eUICC; null once the result is known
    delivered                 INTEGER NOT NULL,
    result                    INTEGER           -- null not known, 0 not installed, 1 installed
);
CREATE INDEX delivery_by_iccid ON delivery (iccid, id);

CREATE TABLE notification (
    eid             BLOB    NOT NULL,
    hash            BLOB    NOT NULL, -- SHA-256 of what is signed
    sequence_number INTEGER NOT NULL,
    event           INTEGER NOT NULL,
    iccid           TEXT    NOT NULL,
    encoded         BLOB    NOT NULL,
    received        INTEGER NOT NULL,
    PRIMARY KEY (eid, hash)
) WITHOUT ROWID;
CREATE INDEX notification_by_iccid ON notification (iccid, received);

CREATE TABLE function_call (
    requester       TEXT    NOT NULL,
    call_identifier TEXT    NOT NULL,
    request_hash    BLOB    NOT NULL, -- SHA-256 of the function's name and its fields
    answer          BLOB    NOT NULL, -- JSON
    created         INTEGER NOT NULL,
    PRIMARY KEY (requester, call_identifier, request_hash)
) WITHOUT ROWID;
CREATE INDEX function_call_by_age ON function_call (created);

CREATE TABLE progress (
    id           INTEGER PRIMARY KEY AUTOINCREMENT,
    iccid        TEXT    NOT NULL,
    body         BLOB    NOT NULL, -- JSON of handleDownloadProgressInfo
    created      INTEGER NOT NULL,
    attempts     INTEGER NOT NULL,
    next_attempt INTEGER NOT NULL
);
CREATE INDEX progress_by_iccid ON progress (iccid, id);
CREATE INDEX progress_by_time ON progress (next_attempt);
