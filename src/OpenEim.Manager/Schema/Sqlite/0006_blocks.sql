-- How many eUICCs an organisation has of each type in each block of ids, in blocks of three sizes: so that a list's length is a sum of few
-- rows, and the block that a page begins in is found from the greater to the smaller. Kept by triggers,
-- but for what is added: there a trigger would cost as much as the row, so whoever adds rows counts them together.
CREATE TABLE euicc_block (
    organisation_id        INTEGER NOT NULL,
    size                   INTEGER NOT NULL, -- 256, 65,536 or 16,777,216 ids
    block                  INTEGER NOT NULL, -- id / size
    supported_profile_type INTEGER NOT NULL,
    euiccs                 INTEGER NOT NULL,
    PRIMARY KEY (organisation_id, size, block, supported_profile_type)
) WITHOUT ROWID;

INSERT INTO euicc_block (organisation_id, size, block, supported_profile_type, euiccs)
SELECT organisation_id, 256, id / 256, supported_profile_type, count(*) FROM euicc GROUP BY 1, 3, 4;

INSERT INTO euicc_block (organisation_id, size, block, supported_profile_type, euiccs)
SELECT organisation_id, s.size, block * 256 / s.size, supported_profile_type, sum(euiccs)
FROM euicc_block b, (SELECT 65536 AS size UNION ALL SELECT 16777216) s WHERE b.size = 256 GROUP BY 1, 2, 3, 4;

CREATE TRIGGER euicc_removed AFTER DELETE ON euicc BEGIN
    INSERT INTO euicc_block (organisation_id, size, block, supported_profile_type, euiccs)
    VALUES (OLD.organisation_id, 256, OLD.id / 256, OLD.supported_profile_type, -1),
           (OLD.organisation_id, 65536, OLD.id / 65536, OLD.supported_profile_type, -1),
           (OLD.organisation_id, 16777216, OLD.id / 16777216, OLD.supported_profile_type, -1)
    ON CONFLICT (organisation_id, size, block, supported_profile_type) DO UPDATE SET euiccs = euiccs + excluded.euiccs;
END;

CREATE TRIGGER euicc_moved AFTER UPDATE OF organisation_id, id, supported_profile_type ON euicc
WHEN (OLD.organisation_id, OLD.id, OLD.supported_profile_type) <> (NEW.organisation_id, NEW.id, NEW.supported_profile_type) BEGIN
    INSERT INTO euicc_block (organisation_id, size, block, supported_profile_type, euiccs)
    VALUES (OLD.organisation_id, 256, OLD.id / 256, OLD.supported_profile_type, -1),
           (OLD.organisation_id, 65536, OLD.id / 65536, OLD.supported_profile_type, -1),
           (OLD.organisation_id, 16777216, OLD.id / 16777216, OLD.supported_profile_type, -1)
    ON CONFLICT (organisation_id, size, block, supported_profile_type) DO UPDATE SET euiccs = euiccs + excluded.euiccs;
    INSERT INTO euicc_block (organisation_id, size, block, supported_profile_type, euiccs)
    VALUES (NEW.organisation_id, 256, NEW.id / 256, NEW.supported_profile_type, 1),
           (NEW.organisation_id, 65536, NEW.id / 65536, NEW.supported_profile_type, 1),
           (NEW.organisation_id, 16777216, NEW.id / 16777216, NEW.supported_profile_type, 1)
    ON CONFLICT (organisation_id, size, block, supported_profile_type) DO UPDATE SET euiccs = euiccs + excluded.euiccs;
END;
