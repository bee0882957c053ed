-- Scheduling in bulk changes every row of a page at once: with room for all of them no index is rewritten. Pages written from now on keep it.
ALTER TABLE euicc SET (fillfactor = 50);
