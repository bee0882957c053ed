-- How many eUICCs an organisation has of each type in each block of ids, in blocks of three sizes: so that a list's length is a sum of few
-- rows, and the block that a page begins in is found from the greater to the smaller. Kept by triggers, as servers of the version before
-- know nothing of it. A distributed table can have none: there no rows are kept, and lists are counted and walked as before.
CREATE TABLE euicc_block (
    organisation_id        bigint NOT NULL,
    size                   bigint NOT NULL, -- 256, 65,536 or 16,777,216 ids
    block                  bigint NOT NULL, -- id / size
    supported_profile_type bigint NOT NULL,
    euiccs                 bigint NOT NULL,
    PRIMARY KEY (organisation_id, size, block, supported_profile_type)
) WITH (fillfactor = 75);

-- Rows are always written in the order of the key, so that no two writers wait for each other.
CREATE FUNCTION openeim_count_euiccs() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT
AS $$
BEGIN
    INSERT INTO euicc_block AS kept (organisation_id, size, block, supported_profile_type, euiccs)
    SELECT c.organisation_id, s.size, c.id / s.size, c.supported_profile_type, CASE TG_OP WHEN 'INSERT' THEN count(*) ELSE -count(*) END
    FROM changed c, (VALUES (256::bigint), (65536), (16777216)) AS s (size)
    GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4
    ON CONFLICT (organisation_id, size, block, supported_profile_type) DO UPDATE SET euiccs = kept.euiccs + excluded.euiccs;
    RETURN NULL;
END $$;

CREATE FUNCTION openeim_move_euicc() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT
AS $$
BEGIN
    INSERT INTO euicc_block AS kept (organisation_id, size, block, supported_profile_type, euiccs)
    SELECT c.organisation_id, s.size, c.id / s.size, c.supported_profile_type, sum(c.euiccs)
    FROM (VALUES (OLD.organisation_id, OLD.id, OLD.supported_profile_type, -1), (NEW.organisation_id, NEW.id, NEW.supported_profile_type, 1))
             AS c (organisation_id, id, supported_profile_type, euiccs),
         (VALUES (256::bigint), (65536), (16777216)) AS s (size)
    GROUP BY 1, 2, 3, 4 HAVING sum(c.euiccs) <> 0 ORDER BY 1, 2, 3, 4
    ON CONFLICT (organisation_id, size, block, supported_profile_type) DO UPDATE SET euiccs = kept.euiccs + excluded.euiccs;
    RETURN NULL;
END $$;

REVOKE ALL ON FUNCTION openeim_count_euiccs(), openeim_move_euicc() FROM PUBLIC;

-- Making a trigger keeps writers away from the table until this transaction ends, so none of them is missed by the count.
DO $$
BEGIN
    IF to_regclass('pg_dist_partition') IS NOT NULL THEN
        IF EXISTS (SELECT FROM pg_dist_partition WHERE logicalrelid = 'euicc'::regclass) THEN
            RETURN;
        END IF;
    END IF;

    CREATE TRIGGER euicc_added AFTER INSERT ON euicc REFERENCING NEW TABLE AS changed
        FOR EACH STATEMENT EXECUTE FUNCTION openeim_count_euiccs();
    CREATE TRIGGER euicc_removed AFTER DELETE ON euicc REFERENCING OLD TABLE AS changed
        FOR EACH STATEMENT EXECUTE FUNCTION openeim_count_euiccs();
    CREATE TRIGGER euicc_moved AFTER UPDATE OF organisation_id, id, supported_profile_type ON euicc
        FOR EACH ROW WHEN ((OLD.organisation_id, OLD.id, OLD.supported_profile_type) IS DISTINCT FROM (NEW.organisation_id, NEW.id, NEW.supported_profile_type))
        EXECUTE FUNCTION openeim_move_euicc();

    INSERT INTO euicc_block (organisation_id, size, block, supported_profile_type, euiccs)
    SELECT organisation_id, 256, id / 256, supported_profile_type, count(*) FROM euicc GROUP BY 1, 3, 4;
    INSERT INTO euicc_block (organisation_id, size, block, supported_profile_type, euiccs)
    SELECT organisation_id, s.size, block * 256 / s.size, supported_profile_type, sum(euiccs)
    FROM euicc_block b, (VALUES (65536::bigint), (16777216)) AS s (size) WHERE b.size = 256 GROUP BY 1, 2, 3, 4;
END $$;
