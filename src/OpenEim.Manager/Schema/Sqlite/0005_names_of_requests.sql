-- What the attempts at one request are called towards others who must know a repetition; null where a version before wrote the row.
ALTER TABLE idempotency ADD COLUMN name BLOB;
