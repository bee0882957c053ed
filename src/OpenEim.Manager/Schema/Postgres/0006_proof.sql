-- What a device only claims is kept apart from what its eUICC has signed; and what the eUICC has signed is kept where it could not be read.

-- Everything else in euicc_data but the certificates is claimed: nobody has signed it.
ALTER TABLE euicc_data ADD COLUMN euicc_info2_signed bytea; -- BF22 as the eUICC signed it in a download

ALTER TABLE euicc ADD COLUMN token_given bigint NOT NULL DEFAULT 0; -- 1: the operator gave the association token, so no claim replaces it
ALTER TABLE euicc ADD COLUMN token_claimed bigint;                  -- another token, which a device claimed or which was replaced unproved

CREATE TABLE unreadable (
    eid      bytea   NOT NULL,
    hash     bytea   NOT NULL, -- SHA-256 of tag, value and what they stood in
    message  bigint  NOT NULL, -- outer tag of what the eUICC has signed
    tag      bigint  NOT NULL, -- of the value
    encoded  bytea   NOT NULL,
    reason   text    NOT NULL,
    received bigint  NOT NULL,
    PRIMARY KEY (eid, hash)
);
