-- What a device only claims is kept apart from what its eUICC has signed; and what the eUICC has signed is kept where it could not be read.

-- Everything else in euicc_data but the certificates is claimed: nobody has signed it.
ALTER TABLE euicc_data ADD COLUMN euicc_info2_signed BLOB; -- BF22 as the eUICC signed it in a download

ALTER TABLE euicc ADD COLUMN token_given INTEGER NOT NULL DEFAULT 0; -- 1: the operator gave the association token, so no claim replaces it
ALTER TABLE euicc ADD COLUMN token_claimed INTEGER;                  -- another token, which a device claimed or which was replaced unproved

CREATE TABLE unreadable (
    eid      BLOB    NOT NULL,
    hash     BLOB    NOT NULL, -- SHA-256 of tag, value and what they stood in
    message  INTEGER NOT NULL, -- outer tag of what the eUICC has signed
    tag      INTEGER NOT NULL, -- of the value
    encoded  BLOB    NOT NULL,
    reason   TEXT    NOT NULL,
    received INTEGER NOT NULL,
    PRIMARY KEY (eid, hash)
) WITHOUT ROWID;
