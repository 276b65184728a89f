-- What the server itself keeps, of no site: under a name, until it expires.
CREATE TABLE kept (
    name    TEXT    NOT NULL PRIMARY KEY,
    value   BLOB    NOT NULL,
    expires INTEGER NOT NULL
) STRICT;
CREATE INDEX kept_expires ON kept (expires);
