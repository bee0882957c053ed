-- Which version of SGP.32 a device speaks: 0 unknown, 10 v1.0, 12 v1.2, 13 v1.3. Those that sign by v1.0's rule are known already.
ALTER TABLE euicc ADD COLUMN sgp32_version bigint NOT NULL DEFAULT 0;

UPDATE euicc SET sgp32_version = 10 WHERE signature_rule = 2;

ALTER TABLE operation ADD COLUMN confirmation_code bytea; -- of a download, encrypted
ALTER TABLE operation ADD COLUMN held_iccids text; -- of a download: what the card held when the trigger left, ICCIDs with a blank between them

-- Encrypted; a version before wrote "answer", and takes a row without it for one under way.
ALTER TABLE relay_answer ADD COLUMN sealed bytea;

-- Sessions begun by devices that do not say which eUICC they are (SGP.32 v1.0), counted by who asked and by which SM-DP+ was asked for.
CREATE TABLE relay_unnamed (
    name  text   NOT NULL PRIMARY KEY, -- "from ADDRESS" or "to ADDRESS"
    begun bigint NOT NULL, -- since then, less those whose eUICC has named itself meanwhile
    since bigint NOT NULL
);

CREATE INDEX relay_unnamed_by_age ON relay_unnamed (since);
