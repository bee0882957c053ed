-- Every table about a device begins with its EID (16 bytes), and every key and unique index of it names the EID, so that the
-- tables can be distributed by it. Times are Unix milliseconds. Flags are 0 and 1.

-- As SQLite has it, so that statements are the same on both.
CREATE FUNCTION hex(bytea) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$ SELECT upper(encode($1, 'hex')) $$;

-- The device's row: locking it serialises everything about one eUICC, and an idle poll reads nothing else.
-- What changes with every package is in no index, and pages keep room, so that a change rewrites no index.
CREATE TABLE euicc (
    eid                    bytea  NOT NULL PRIMARY KEY,
    id                     bigint NOT NULL,
    organisation_id        bigint NOT NULL,
    slice                  bigint NOT NULL, -- which background worker looks after it
    name                   text,
    customer_org_id        bigint,
    customer_org_name      text,
    supported_profile_type bigint NOT NULL,
    status                 bigint NOT NULL,
    created                bigint NOT NULL,
    modified               bigint NOT NULL,
    pending_count          bigint NOT NULL, -- operations that are not final, plus one while any task is due
    tasks                  bigint NOT NULL, -- bit set: what the eIM itself wants of the device
    in_flight              bytea,           -- transaction id of the exchange whose answer is awaited
    counter                bigint NOT NULL, -- counterValue of the last package
    revision               bigint NOT NULL, -- rises with every operation made or ended
    association_token      bigint,
    public_key             bytea,           -- SubjectPublicKeyInfo of the verified CERT.EUICC; null before first contact
    signature_rule         bigint NOT NULL, -- 0 not seen yet, 1 with association token, 2 SGP.32 v1.0
    last_audited           bigint,
    last_synced            bigint
) WITH (fillfactor = 75);

CREATE INDEX euicc_by_id ON euicc (id);
CREATE INDEX euicc_by_organisation ON euicc (organisation_id, id) INCLUDE (eid);
CREATE INDEX euicc_by_eid ON euicc (organisation_id, eid);
CREATE INDEX euicc_by_type ON euicc (organisation_id, supported_profile_type, id) INCLUDE (eid);
CREATE INDEX euicc_by_change ON euicc (organisation_id, modified, id) INCLUDE (eid);

CREATE TABLE euicc_count (
    organisation_id bigint NOT NULL PRIMARY KEY,
    euiccs          bigint NOT NULL
);

CREATE TABLE sequence (
    name text   NOT NULL PRIMARY KEY,
    last bigint NOT NULL
);

INSERT INTO sequence (name, last) VALUES ('euicc', 0);

-- What the device told of itself, apart from the hot row because it is large.
CREATE TABLE euicc_data (
    eid                  bytea NOT NULL PRIMARY KEY,
    euicc_certificate    bytea,
    eum_certificate      bytea,
    euicc_info1          bytea,
    euicc_info2          bytea,
    ipa_capabilities     bytea,
    device_info          bytea,
    default_smdp_address text,
    root_smds_address    text,
    updated              bigint NOT NULL
);

CREATE TABLE contact (
    eid         bytea  NOT NULL PRIMARY KEY,
    last_polled bigint NOT NULL
) WITH (fillfactor = 75);

CREATE TABLE profile (
    eid                bytea  NOT NULL,
    iccid              text   NOT NULL, -- 18 to 20 digits
    status             bigint NOT NULL, -- 1 to 10 of the REST API
    fallback_attribute bigint,
    fallback_allowed   bigint,
    name               text,
    operator_name      text,
    nickname           text,
    profile_class      bigint,
    preloaded          bigint,
    created            bigint NOT NULL,
    updated            bigint NOT NULL,
    PRIMARY KEY (eid, iccid)
) WITH (fillfactor = 75);

-- By the time in its id, so that old months are dropped as a whole.
CREATE TABLE operation (
    eid                bytea  NOT NULL,
    id                 bytea  NOT NULL, -- UUIDv7, 16 bytes, big-endian
    organisation_id    bigint NOT NULL,
    slice              bigint NOT NULL,
    action             bigint NOT NULL,
    iccid              text,
    activation_code    bytea,           -- encrypted
    smdp_address       text,            -- of a download's activation code, lower case
    enable             bigint NOT NULL,
    rollback           bigint NOT NULL,
    status             bigint NOT NULL, -- 1 to 5 of the REST API
    step               bigint NOT NULL, -- how many of the operation's exchanges are done
    created            bigint NOT NULL,
    updated            bigint NOT NULL,
    expiry             bigint NOT NULL,
    delivered          bigint,
    deadline           bigint NOT NULL, -- when it ends without a result: its expiry, later once delivered
    finalized          bigint,
    created_revision   bigint NOT NULL, -- of euicc.revision: the order of scheduling
    finalized_revision bigint,
    error_reason       bigint,
    error_message      text,
    subject_code       text,            -- as the SM-DP+ refused, SGP.22 5.2.6
    reason_code        text,
    creator_id         bigint NOT NULL,
    creator_name       text   NOT NULL,
    previous_iccid     text,            -- the profile that an enable replaced
    PRIMARY KEY (eid, id)
) PARTITION BY RANGE (id);

CREATE TABLE operation_default PARTITION OF operation DEFAULT;
CREATE INDEX operation_by_turn ON operation (eid, created_revision) WHERE status = 1;
CREATE INDEX operation_by_end ON operation (eid, finalized_revision) WHERE finalized_revision IS NOT NULL;
CREATE INDEX operation_by_deadline ON operation (slice, deadline) WHERE status = 1;

-- IPAs of SGP.32 v1.0 say neither EID nor eimTransactionId when a download begins.
CREATE INDEX operation_by_smdp ON operation (smdp_address) WHERE status = 1 AND smdp_address IS NOT NULL;

-- One package or request to the device and its answer: the exact bytes, both ways.
CREATE TABLE exchange (
    eid            bytea  NOT NULL,
    transaction_id bytea  NOT NULL,
    operation_id   bytea,           -- null for the eIM's own tasks
    task           bigint NOT NULL, -- the task it serves, 0 for an operation's
    step           bigint NOT NULL,
    kind           bigint NOT NULL, -- 0x51 eUICC package, 0x52 data request, 0x54 download trigger
    counter        bigint,
    request        bytea  NOT NULL,
    response       bytea,
    created        bigint NOT NULL,
    deliveries     bigint NOT NULL,
    delivered      bigint NOT NULL, -- last time
    held_until     bigint,          -- not delivered again before
    answered       bigint,
    note           text,            -- an answer that could not be believed, in words
    PRIMARY KEY (eid, transaction_id, created)
) PARTITION BY RANGE (created);

CREATE TABLE exchange_default PARTITION OF exchange DEFAULT;
CREATE INDEX exchange_by_counter ON exchange (eid, counter) WHERE counter IS NOT NULL;
CREATE INDEX exchange_by_operation ON exchange (eid, operation_id) WHERE operation_id IS NOT NULL;

CREATE TABLE notification (
    eid             bytea  NOT NULL,
    sequence_number bigint NOT NULL,
    slice           bigint NOT NULL,
    event           bigint NOT NULL,
    address         text   NOT NULL,
    iccid           text,
    encoded         bytea  NOT NULL,
    received        bigint NOT NULL,
    forwarded       bigint,
    next_attempt    bigint,          -- null: nothing more to do
    attempts        bigint NOT NULL DEFAULT 0,
    last_error      text,
    PRIMARY KEY (eid, sequence_number)
);

CREATE INDEX notification_by_attempt ON notification (slice, next_attempt) WHERE next_attempt IS NOT NULL;

-- A relayed session. ESipa names it by the SM-DP+'s transaction id alone, and any node must find it (docs/decisions/0003).
CREATE TABLE relay (
    transaction_id  bytea  NOT NULL PRIMARY KEY,
    address         text   NOT NULL,
    eid             bytea,           -- null until a v1.0 device has authenticated itself
    operation_id    bytea,
    euicc_key       bytea,           -- SubjectPublicKeyInfo of the certificate that the eUICC authenticated itself with
    smdp_signature2 bytea,
    metadata        bytea,           -- BF25
    package_sent    bigint NOT NULL, -- whether the bound profile package has left for the device
    created         bigint NOT NULL
);

CREATE INDEX relay_by_operation ON relay (eid, operation_id);
CREATE INDEX relay_by_age ON relay (created);

-- First answers of the relayed functions, by the SHA-256 of the request's bytes. Null while the first is under way.
CREATE TABLE relay_answer (
    request_hash bytea  NOT NULL PRIMARY KEY,
    answer       bytea,
    created      bigint NOT NULL
);

CREATE INDEX relay_answer_by_age ON relay_answer (created);

-- Profiles that an organisation has ordered from an SM-DP+.
CREATE TABLE stock_profile (
    organisation_id bigint NOT NULL,
    iccid           text   NOT NULL,
    status          bigint NOT NULL, -- 1 to 10 of the REST API, as far as the SM-DP+ has told; what eUICCs sign stands in profile
    profile_type    text,
    smdp_address    text   NOT NULL,
    eid             bytea,
    activation_code bytea,           -- encrypted
    created         bigint NOT NULL,
    updated         bigint NOT NULL,
    PRIMARY KEY (organisation_id, iccid)
);

CREATE INDEX stock_profile_by_iccid ON stock_profile (iccid);

-- Tenants, people and their tokens; secrets; first answers to repeated requests. Ids are never used again.
CREATE TABLE organisation (
    id      bigint GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
    name    text   NOT NULL,
    created bigint NOT NULL
);

CREATE TABLE member (
    id              bigint GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
    organisation_id bigint NOT NULL,
    name            text   NOT NULL,
    role            bigint NOT NULL, -- 1 Administrator, 2 User, 3 Observer
    created         bigint NOT NULL
);
CREATE INDEX member_by_organisation ON member (organisation_id, id);

CREATE TABLE application_token (
    id              bigint GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
    organisation_id bigint NOT NULL,
    member_id       bigint NOT NULL, -- the creator, whose role the token has
    hash            bytea  NOT NULL UNIQUE, -- HMAC-SHA256 with the pepper
    description     text,
    created         bigint NOT NULL,
    expiry_date     bigint,
    ip              text,            -- CIDR
    status          bigint NOT NULL  -- 0 Activated, 1 Revoked
);
CREATE INDEX application_token_by_organisation ON application_token (organisation_id, id);

CREATE TABLE secret (
    name    text   NOT NULL PRIMARY KEY,
    value   bytea  NOT NULL, -- AES-256-GCM: nonce (12), tag (16), ciphertext; the name is the associated data
    created bigint NOT NULL
);

CREATE TABLE idempotency (
    organisation_id bigint NOT NULL,
    idempotency_key text   NOT NULL,
    method          text   NOT NULL,
    path            text   NOT NULL,
    attempt         bytea  NOT NULL, -- random; only its holder may store the answer
    request_hash    bytea  NOT NULL, -- SHA-256 of the body
    created         bigint NOT NULL,
    lease_end       bigint NOT NULL, -- until then, the attempt that has no answer yet is taken to be running
    status          bigint,          -- HTTP status of the answer; null while there is none
    headers         text,            -- JSON object
    body            bytea,
    PRIMARY KEY (organisation_id, idempotency_key, method, path)
);
CREATE INDEX idempotency_by_age ON idempotency (created);

-- Background work is shared out by slices of the eUICCs; whoever holds a slice does all of its work until then.
CREATE TABLE slice (
    number bigint NOT NULL PRIMARY KEY,
    holder text,
    until  bigint NOT NULL
);

INSERT INTO slice (number, until) SELECT n, 0 FROM generate_series(0, 15) AS n;

CREATE TABLE node (
    name  text   NOT NULL PRIMARY KEY,
    until bigint NOT NULL -- taken to be dead after that
);

-- Failed logins in a row, by the caller's address.
CREATE TABLE login_failure (
    address  text   NOT NULL PRIMARY KEY,
    failures bigint NOT NULL,
    last     bigint NOT NULL
);
CREATE INDEX login_failure_by_age ON login_failure (last);
