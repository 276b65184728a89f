-- What is to be told to other servers (webhooks), and what became of it.
CREATE TABLE errand (
    id       INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    site_id  INTEGER NOT NULL REFERENCES site (id) ON DELETE CASCADE,
    kind     TEXT    NOT NULL,
    target   TEXT    NOT NULL,
    about    TEXT    NOT NULL,
    made     INTEGER NOT NULL,
    due      INTEGER NOT NULL,
    tries    INTEGER NOT NULL,
    standing INTEGER NOT NULL,
    heard    TEXT    NOT NULL
) STRICT;
CREATE INDEX errand_due ON errand (due) WHERE standing = 0;
CREATE INDEX errand_site ON errand (site_id, id);
-- How often something was used that may be used so often and no more (auth codes with a limit).
CREATE TABLE tally (
    site_id INTEGER NOT NULL REFERENCES site (id) ON DELETE CASCADE,
    kind    TEXT    NOT NULL,
    key     BLOB    NOT NULL,
    used    INTEGER NOT NULL,
    PRIMARY KEY (site_id, kind, key)
) STRICT;
