-- What the server itself keeps, of no site: under a name, until it expires.
CREATE TABLE kept (
    name    TEXT    NOT NULL COLLATE "C" PRIMARY KEY,
    value   BYTEA   NOT NULL,
    expires BIGINT  NOT NULL
);
CREATE INDEX kept_expires ON kept (expires);
