-- What a language keeps for a while under a digest: codes that were mailed, entries of lists.
CREATE TABLE slip (
    id      INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    site_id INTEGER NOT NULL REFERENCES site (id) ON DELETE CASCADE,
    kind    TEXT    NOT NULL,
    key     BLOB    NOT NULL,
    account INTEGER NOT NULL,
    note    TEXT    NOT NULL,
    created INTEGER NOT NULL,
    expires INTEGER NOT NULL,
    UNIQUE (site_id, kind, key)
) STRICT;
CREATE INDEX slip_expires ON slip (expires);
