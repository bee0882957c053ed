-- Profile downloads: what SM-DP+s said, relayed sessions, forwarding of notifications, profiles in stock.
-- Times are Unix milliseconds.

ALTER TABLE operation ADD COLUMN smdp_address TEXT; -- of a download's activation code, lower case
ALTER TABLE operation ADD COLUMN subject_code TEXT; -- as the SM-DP+ refused, SGP.22 5.2.6
ALTER TABLE operation ADD COLUMN reason_code TEXT;

-- IPAs of SGP.32 v1.0 say neither EID nor eimTransactionId when a download begins.
CREATE INDEX operation_by_smdp ON operation (smdp_address) WHERE status = 1 AND smdp_address IS NOT NULL;

-- A relayed session. ESipa names it by the SM-DP+'s transaction id alone, and any node must find it (docs/decisions/0003).
CREATE TABLE relay (
    transaction_id  BLOB    NOT NULL PRIMARY KEY,
    address         TEXT    NOT NULL,
    eid             BLOB,             -- null until a v1.0 device has authenticated itself
    operation_id    BLOB,
    euicc_key       BLOB,             -- SubjectPublicKeyInfo of the certificate that the eUICC authenticated itself with
    smdp_signature2 BLOB,
    metadata        BLOB,             -- BF25
    package_sent    INTEGER NOT NULL, -- whether the bound profile package has left for the device
    created         INTEGER NOT NULL
) WITHOUT ROWID;

CREATE INDEX relay_by_operation ON relay (eid, operation_id);
CREATE INDEX relay_by_age ON relay (created);

-- First answers of the relayed functions, by the SHA-256 of the request's bytes. Null while the first is under way.
CREATE TABLE relay_answer (
    request_hash BLOB    NOT NULL PRIMARY KEY,
    answer       BLOB,
    created      INTEGER NOT NULL
) WITHOUT ROWID;

CREATE INDEX relay_answer_by_age ON relay_answer (created);

ALTER TABLE notification ADD COLUMN next_attempt INTEGER; -- null: nothing more to do
ALTER TABLE notification ADD COLUMN attempts INTEGER NOT NULL DEFAULT 0;
ALTER TABLE notification ADD COLUMN last_error TEXT;

UPDATE notification SET next_attempt = received WHERE forwarded IS NULL;

CREATE INDEX notification_by_attempt ON notification (next_attempt) WHERE next_attempt IS NOT NULL;

-- Profiles that an organisation has ordered from an SM-DP+.
CREATE TABLE stock_profile (
    organisation_id INTEGER NOT NULL,
    iccid           TEXT    NOT NULL,
    status          INTEGER NOT NULL, -- 1 to 10 of the REST API, as far as the SM-DP+ has told; what eUICCs sign stands in profile
    profile_type    TEXT,
    smdp_address    TEXT    NOT NULL,
    eid             BLOB,
    activation_code BLOB,             -- encrypted
    created         INTEGER NOT NULL,
    updated         INTEGER NOT NULL,
    PRIMARY KEY (organisation_id, iccid)
) WITHOUT ROWID;

CREATE INDEX stock_profile_by_iccid ON stock_profile (iccid);
