-- What the console keeps: powers, visits (its sessions' own part), one-time tickets, passkeys, self-service switches.

-- Who runs the server ('owner') or a site ('admin'). Apart from the account: no import and no language can plant it.
CREATE TABLE power (
    site_id INTEGER NOT NULL,
    account INTEGER NOT NULL,
    power   TEXT    NOT NULL,
    PRIMARY KEY (site_id, account),
    FOREIGN KEY (site_id, account) REFERENCES account (site_id, number) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;

CREATE TABLE visit (
    session BLOB    NOT NULL PRIMARY KEY REFERENCES session (id) ON DELETE CASCADE,
    seen    INTEGER NOT NULL,
    proven  INTEGER NOT NULL,
    factors TEXT    NOT NULL
) STRICT, WITHOUT ROWID;

-- Site and account are 0 where a ticket is nobody's yet, so they are no references.
CREATE TABLE ticket (
    kind    TEXT    NOT NULL,
    key     BLOB    NOT NULL,
    site_id INTEGER NOT NULL,
    account INTEGER NOT NULL,
    note    BLOB    NOT NULL,
    created INTEGER NOT NULL,
    expires INTEGER NOT NULL,
    PRIMARY KEY (kind, key)
) STRICT, WITHOUT ROWID;
CREATE INDEX ticket_expires ON ticket (expires);
CREATE INDEX ticket_owner ON ticket (site_id, account, kind);

CREATE TABLE passkey (
    id      BLOB    NOT NULL PRIMARY KEY,
    site_id INTEGER NOT NULL,
    account INTEGER NOT NULL,
    name    TEXT    NOT NULL,
    public  TEXT    NOT NULL,
    counter INTEGER NOT NULL,
    created INTEGER NOT NULL,
    used    INTEGER,
    FOREIGN KEY (site_id, account) REFERENCES account (site_id, number) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;
CREATE INDEX passkey_owner ON passkey (site_id, account);

CREATE TABLE self_service (
    site_id      INTEGER NOT NULL PRIMARY KEY REFERENCES site (id) ON DELETE CASCADE,
    register     INTEGER NOT NULL,
    reset        INTEGER NOT NULL,
    change_email INTEGER NOT NULL,
    roles        TEXT    NOT NULL,
    level        INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- From which addresses a token may be used: a JSON array of addresses and networks; empty = from anywhere.
ALTER TABLE api_token ADD COLUMN ip_allow TEXT NOT NULL DEFAULT '[]';
