-- What PostgreSQL and many nodes need, on one file too, so that statements are the same.
ALTER TABLE euicc ADD COLUMN slice INTEGER NOT NULL DEFAULT 0; -- which background worker looks after it
ALTER TABLE operation ADD COLUMN slice INTEGER NOT NULL DEFAULT 0;
ALTER TABLE notification ADD COLUMN slice INTEGER NOT NULL DEFAULT 0;

-- Operations are forgotten after a while, so their number is counted, not kept.
ALTER TABLE euicc DROP COLUMN operation_count;

CREATE INDEX euicc_by_eid ON euicc (organisation_id, eid);
CREATE INDEX euicc_by_type ON euicc (organisation_id, supported_profile_type, id);
CREATE INDEX euicc_by_change ON euicc (organisation_id, modified, id);

DROP INDEX operation_by_turn;
DROP INDEX operation_by_end;
DROP INDEX operation_by_deadline;
CREATE INDEX operation_by_turn ON operation (eid, created_revision) WHERE status = 1;
CREATE INDEX operation_by_end ON operation (eid, finalized_revision) WHERE finalized_revision IS NOT NULL;
CREATE INDEX operation_by_deadline ON operation (slice, deadline) WHERE status = 1;

DROP INDEX exchange_by_counter;
DROP INDEX exchange_by_operation;
CREATE INDEX exchange_by_counter ON exchange (eid, counter) WHERE counter IS NOT NULL;
CREATE INDEX exchange_by_operation ON exchange (eid, operation_id) WHERE operation_id IS NOT NULL;

DROP INDEX notification_by_attempt;
CREATE INDEX notification_by_attempt ON notification (slice, next_attempt) WHERE next_attempt IS NOT NULL;

-- Background work is shared out by slices of the eUICCs; whoever holds a slice does all of its work until then.
CREATE TABLE slice (
    number INTEGER NOT NULL PRIMARY KEY,
    holder TEXT,
    until  INTEGER NOT NULL
);

INSERT INTO slice (number, until)
WITH RECURSIVE n (number) AS (SELECT 0 UNION ALL SELECT number + 1 FROM n WHERE number < 15) SELECT number, 0 FROM n;

CREATE TABLE node (
    name  TEXT    NOT NULL PRIMARY KEY,
    until INTEGER NOT NULL -- taken to be dead after that
);

-- Failed logins in a row, by the caller's address.
CREATE TABLE login_failure (
    address  TEXT    NOT NULL PRIMARY KEY,
    failures INTEGER NOT NULL,
    last     INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX login_failure_by_age ON login_failure (last);
