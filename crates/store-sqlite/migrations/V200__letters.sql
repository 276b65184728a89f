-- Letters that wait for the mail server, sealed: they may hold codes and links.
CREATE TABLE letter (
    id      INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    site_id INTEGER NOT NULL REFERENCES site (id) ON DELETE CASCADE,
    sealed  BLOB    NOT NULL,
    made    INTEGER NOT NULL,
    due     INTEGER NOT NULL,
    tries   INTEGER NOT NULL
) STRICT;
CREATE INDEX letter_due ON letter (due, id);
