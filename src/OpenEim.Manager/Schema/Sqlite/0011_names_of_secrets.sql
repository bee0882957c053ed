-- SQLite lets a key be null unless NOT NULL stands beside it. A table's columns cannot be changed, so its rows move to a new one.
ALTER TABLE secret RENAME TO secret_before;

CREATE TABLE secret (
    name    TEXT    NOT NULL PRIMARY KEY,
    value   BLOB    NOT NULL, -- AES-256-GCM: nonce (12), tag (16), ciphertext; the name is the associated data
    created INTEGER NOT NULL
);

INSERT INTO secret (name, value, created) SELECT name, value, created FROM secret_before;

DROP TABLE secret_before;
