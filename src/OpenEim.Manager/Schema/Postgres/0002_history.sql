-- Operations and exchanges are kept in one partition for each month (UTC), named table_yyyymm. Months are made ahead and dropped
-- whole. The servers' role may not change the schema, so these functions run as the schema's owner. Months are added in UTC, whatever
-- the session's time zone: elsewhere a month before the first of March is not the first of February.

-- The first six bytes of a UUIDv7 are its time.
CREATE FUNCTION openeim_operation_bound(milliseconds bigint) RETURNS bytea LANGUAGE sql IMMUTABLE STRICT
AS $$ SELECT substring(int8send(milliseconds) FROM 3 FOR 6) $$;

CREATE FUNCTION openeim_month_start(month timestamptz) RETURNS bigint LANGUAGE sql STABLE STRICT
AS $$ SELECT (extract(epoch FROM date_trunc('month', month, 'UTC')) * 1000)::bigint $$;

-- Makes the month's partition unless it is there; rows that had to go into the default partition move along.
CREATE FUNCTION openeim_add_month(parent text, month timestamptz) RETURNS boolean LANGUAGE plpgsql SET timezone = 'UTC'
AS $$
DECLARE
    part   text   := parent || '_' || to_char(month AT TIME ZONE 'UTC', 'YYYYMM');
    first  bigint := openeim_month_start(month);
    last   bigint := openeim_month_start(date_trunc('month', month, 'UTC') + interval '1 month 1 day');
    key    text   := CASE parent WHEN 'operation' THEN 'id' ELSE 'created' END;
    lower_ text   := CASE parent WHEN 'operation' THEN quote_literal(openeim_operation_bound(first)) || '::bytea' ELSE first::text END;
    upper_ text   := CASE parent WHEN 'operation' THEN quote_literal(openeim_operation_bound(last)) || '::bytea' ELSE last::text END;
BEGIN
    IF to_regclass(quote_ident(part)) IS NOT NULL THEN
        RETURN false;
    END IF;

    EXECUTE format('CREATE TABLE %I (LIKE %I INCLUDING ALL) WITH (fillfactor = 85)', part, parent);
    EXECUTE format(
        'WITH moved AS (DELETE FROM %I WHERE %I >= %s AND %I < %s RETURNING *) INSERT INTO %I SELECT * FROM moved',
        parent || '_default', key, lower_, key, upper_, part);
    EXECUTE format('ALTER TABLE %I ATTACH PARTITION %I FOR VALUES FROM (%s) TO (%s)', parent, part, lower_, upper_);
    RETURN true;
END $$;

-- Makes the partitions of this month and the next two, and of all months that have rows in the default partition.
CREATE FUNCTION openeim_extend_history(now_ bigint) RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT SET timezone = 'UTC'
AS $$
DECLARE
    made  bigint := 0;
    month timestamptz;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtext('openeim_history'));
    FOR month IN
        SELECT date_trunc('month', to_timestamp(now_ / 1000.0), 'UTC') + n * interval '1 month' FROM generate_series(0, 2) AS n
    LOOP
        made := made + openeim_add_month('operation', month)::int + openeim_add_month('exchange', month)::int;
    END LOOP;

    FOR month IN
        SELECT DISTINCT date_trunc('month', to_timestamp(('x' || encode(substring(id FROM 1 FOR 6), 'hex'))::bit(48)::bigint / 1000.0), 'UTC') FROM operation_default
    LOOP
        made := made + openeim_add_month('operation', month)::int;
    END LOOP;

    FOR month IN SELECT DISTINCT date_trunc('month', to_timestamp(created / 1000.0), 'UTC') FROM exchange_default LOOP
        made := made + openeim_add_month('exchange', month)::int;
    END LOOP;

    RETURN made;
END $$;

-- Drops the months that ended before; one that still holds an operation without an end stays.
CREATE FUNCTION openeim_drop_history(parent text, before bigint) RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT SET timezone = 'UTC'
AS $$
DECLARE
    dropped bigint := 0;
    part    text;
    is_open boolean;
BEGIN
    IF parent NOT IN ('operation', 'exchange') THEN
        RAISE EXCEPTION 'there is no history named %', parent;
    END IF;

    PERFORM pg_advisory_xact_lock(hashtext('openeim_history'));
    FOR part IN
        SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
        WHERE i.inhparent = to_regclass(parent) AND c.relname ~ ('^' || parent || '_[0-9]{6}$')
          AND openeim_month_start(to_timestamp(right(c.relname, 6) || '15', 'YYYYMMDD') + interval '1 month') <= before
    LOOP
        is_open := false;
        IF parent = 'operation' THEN
            EXECUTE format('SELECT EXISTS (SELECT 1 FROM %I WHERE status = 1)', part) INTO is_open;
        END IF;

        IF NOT is_open THEN
            EXECUTE format('DROP TABLE %I', part);
            dropped := dropped + 1;
        END IF;
    END LOOP;

    RETURN dropped;
END $$;

REVOKE ALL ON FUNCTION openeim_extend_history(bigint), openeim_drop_history(text, bigint), openeim_add_month(text, timestamptz) FROM PUBLIC;

SELECT openeim_extend_history((extract(epoch FROM now()) * 1000)::bigint);
