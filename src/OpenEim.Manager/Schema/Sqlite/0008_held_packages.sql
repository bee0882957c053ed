-- Since when and why a device's answers are refused, or do not come; null while nothing is wrong.
ALTER TABLE euicc ADD COLUMN trouble_since INTEGER;
ALTER TABLE euicc ADD COLUMN trouble_message TEXT;

-- Who has got the package, and how often without an answer that could be believed (docs/decisions/0009).
ALTER TABLE exchange ADD COLUMN pollers TEXT;

-- What a card remembers of this eIM after its eUICC was removed here: the next packages must go on above it.
CREATE TABLE euicc_past (
    eid            BLOB    NOT NULL PRIMARY KEY,
    counter        INTEGER NOT NULL, -- counterValue of the last package
    signature_rule INTEGER NOT NULL,
    removed        INTEGER NOT NULL
) WITHOUT ROWID;
