-- SQLite lets a key be null unless NOT NULL stands beside it. A table's columns cannot be changed, so its rows move to a new one.
-- The ICCIDs of profiles stay as they are: all packages in stock would have to be copied.
ALTER TABLE profile_type RENAME TO profile_type_before;

CREATE TABLE profile_type (
    name                  TEXT    NOT NULL PRIMARY KEY,
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

INSERT INTO profile_type (
    name, template, service_provider_name, profile_name, class, policy_rules, fallback_allowed, replace_session_keys,
    package_length, saip_major, iccid_prefix, imsi_prefix, next_number, created)
SELECT
    name, template, service_provider_name, profile_name, class, policy_rules, fallback_allowed, replace_session_keys,
    package_length, saip_major, iccid_prefix, imsi_prefix, next_number, created
FROM profile_type_before;

DROP TABLE profile_type_before;
