-- Every table about a device begins with its EID (16 bytes). Times are Unix milliseconds. Flags are 0 and 1.

-- The device's row: locking it serialises everything about one eUICC, and an idle poll reads nothing else.
CREATE TABLE euicc (
    eid                    BLOB    NOT NULL PRIMARY KEY,
    id                     INTEGER NOT NULL,
    organisation_id        INTEGER NOT NULL,
    name                   TEXT,
    customer_org_id        INTEGER,
    customer_org_name      TEXT,
    supported_profile_type INTEGER NOT NULL,
    status                 INTEGER NOT NULL,
    created                INTEGER NOT NULL,
    modified               INTEGER NOT NULL,
    pending_count          INTEGER NOT NULL, -- operations that are not final, plus one while any task is due
    tasks                  INTEGER NOT NULL, -- bit set: what the eIM itself wants of the device
    in_flight              BLOB,             -- transaction id of the exchange whose answer is awaited
    counter                INTEGER NOT NULL, -- counterValue of the last package
    revision               INTEGER NOT NULL, -- rises with every operation made or ended
    operation_count        INTEGER NOT NULL,
    association_token      INTEGER,
    public_key             BLOB,             -- SubjectPublicKeyInfo of the verified CERT.EUICC; null before first contact
    signature_rule         INTEGER NOT NULL, -- 0 not seen yet, 1 with association token, 2 SGP.32 v1.0
    last_audited           INTEGER,
    last_synced            INTEGER
) WITHOUT ROWID;

CREATE INDEX euicc_by_id ON euicc (id);
CREATE INDEX euicc_by_organisation ON euicc (organisation_id, id);

CREATE TABLE euicc_count (
    organisation_id INTEGER NOT NULL PRIMARY KEY,
    euiccs          INTEGER NOT NULL
);

CREATE TABLE sequence (
    name TEXT    NOT NULL PRIMARY KEY,
    last INTEGER NOT NULL
) WITHOUT ROWID;

INSERT INTO sequence (name, last) VALUES ('euicc', 0);

-- What the device told of itself, apart from the hot row because it is large.
CREATE TABLE euicc_data (
    eid                  BLOB NOT NULL PRIMARY KEY,
    euicc_certificate    BLOB,
    eum_certificate      BLOB,
    euicc_info1          BLOB,
    euicc_info2          BLOB,
    ipa_capabilities     BLOB,
    device_info          BLOB,
    default_smdp_address TEXT,
    root_smds_address    TEXT,
    updated              INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE contact (
    eid         BLOB    NOT NULL PRIMARY KEY,
    last_polled INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE profile (
    eid                BLOB    NOT NULL,
    iccid              TEXT    NOT NULL, -- 18 to 20 digits
    status             INTEGER NOT NULL, -- 1 to 10 of the REST API
    fallback_attribute INTEGER,
    fallback_allowed   INTEGER,
    name               TEXT,
    operator_name      TEXT,
    nickname           TEXT,
    profile_class      INTEGER,
    preloaded          INTEGER,
    created            INTEGER NOT NULL,
    updated            INTEGER NOT NULL,
    PRIMARY KEY (eid, iccid)
) WITHOUT ROWID;

CREATE TABLE operation (
    eid                BLOB    NOT NULL,
    id                 BLOB    NOT NULL, -- UUIDv7, 16 bytes, big-endian
    organisation_id    INTEGER NOT NULL,
    action             INTEGER NOT NULL,
    iccid              TEXT,
    activation_code    BLOB,             -- encrypted
    enable             INTEGER NOT NULL,
    rollback           INTEGER NOT NULL,
    status             INTEGER NOT NULL, -- 1 to 5 of the REST API
    step               INTEGER NOT NULL, -- how many of the operation's exchanges are done
    created            INTEGER NOT NULL,
    updated            INTEGER NOT NULL,
    expiry             INTEGER NOT NULL,
    delivered          INTEGER,
    deadline           INTEGER NOT NULL, -- when it ends without a result: its expiry, later once delivered
    finalized          INTEGER,
    created_revision   INTEGER NOT NULL, -- of euicc.revision: the order of scheduling
    finalized_revision INTEGER,
    error_reason       INTEGER,
    error_message      TEXT,
    creator_id         INTEGER NOT NULL,
    creator_name       TEXT    NOT NULL,
    previous_iccid     TEXT,             -- the profile that an enable replaced
    PRIMARY KEY (eid, id)
) WITHOUT ROWID;

CREATE INDEX operation_by_turn ON operation (eid, status, created_revision);
CREATE INDEX operation_by_end ON operation (eid, finalized_revision);
CREATE INDEX operation_by_deadline ON operation (deadline) WHERE status = 1;

-- One package or request to the device and its answer: the exact bytes, both ways.
CREATE TABLE exchange (
    eid            BLOB    NOT NULL,
    transaction_id BLOB    NOT NULL,
    operation_id   BLOB,             -- null for the eIM's own tasks
    task           INTEGER NOT NULL, -- the task it serves, 0 for an operation's
    step           INTEGER NOT NULL,
    kind           INTEGER NOT NULL, -- 0x51 eUICC package, 0x52 data request, 0x54 download trigger
    counter        INTEGER,
    request        BLOB    NOT NULL,
    response       BLOB,
    created        INTEGER NOT NULL,
    deliveries     INTEGER NOT NULL,
    delivered      INTEGER NOT NULL, -- last time
    held_until     INTEGER,          -- not delivered again before
    answered       INTEGER,
    note           TEXT,             -- an answer that could not be believed, in words
    PRIMARY KEY (eid, transaction_id)
) WITHOUT ROWID;

CREATE INDEX exchange_by_counter ON exchange (eid, counter);
CREATE INDEX exchange_by_operation ON exchange (eid, operation_id);

CREATE TABLE notification (
    eid             BLOB    NOT NULL,
    sequence_number INTEGER NOT NULL,
    event           INTEGER NOT NULL,
    address         TEXT    NOT NULL,
    iccid           TEXT,
    encoded         BLOB    NOT NULL,
    received        INTEGER NOT NULL,
    forwarded       INTEGER,
    PRIMARY KEY (eid, sequence_number)
) WITHOUT ROWID;
