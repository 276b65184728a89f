-- All dates are whole seconds since the Unix epoch, UTC. Lists and rules are JSON text.

CREATE TABLE site (
    id           INTEGER NOT NULL PRIMARY KEY,
    name         TEXT    NOT NULL UNIQUE,
    url          TEXT    NOT NULL,
    hosts        TEXT    NOT NULL,
    upstream     TEXT,
    cors_origins TEXT    NOT NULL,
    rules        TEXT    NOT NULL,
    pad          TEXT    NOT NULL DEFAULT ''
) STRICT;

CREATE TABLE dialect (
    site_id  INTEGER NOT NULL REFERENCES site (id) ON DELETE CASCADE,
    position INTEGER NOT NULL,
    dialect  TEXT    NOT NULL,
    config   BLOB    NOT NULL,
    PRIMARY KEY (site_id, dialect)
) STRICT, WITHOUT ROWID;

CREATE TABLE signing_key (
    seq       INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    site_id   INTEGER NOT NULL REFERENCES site (id) ON DELETE CASCADE,
    dialect   TEXT    NOT NULL,
    kid       TEXT    NOT NULL,
    algorithm TEXT    NOT NULL,
    material  BLOB    NOT NULL,
    created   INTEGER NOT NULL,
    retired   INTEGER,
    UNIQUE (site_id, dialect, kid)
) STRICT;

-- The folded columns are what names and addresses are compared by.
CREATE TABLE account (
    site_id      INTEGER NOT NULL REFERENCES site (id) ON DELETE CASCADE,
    number       INTEGER NOT NULL,
    login        TEXT    NOT NULL,
    login_fold   TEXT    NOT NULL,
    email        TEXT    NOT NULL,
    email_fold   TEXT    NOT NULL,
    nicename     TEXT    NOT NULL,
    display_name TEXT    NOT NULL,
    url          TEXT    NOT NULL,
    registered   INTEGER NOT NULL,
    roles        TEXT    NOT NULL,
    level        INTEGER NOT NULL,
    status       INTEGER NOT NULL,
    avatar       TEXT,
    service      INTEGER NOT NULL,
    valid_after  INTEGER NOT NULL,
    password     TEXT,
    meta         TEXT    NOT NULL DEFAULT '{}',
    PRIMARY KEY (site_id, number)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX account_login ON account (site_id, login_fold);
CREATE UNIQUE INDEX account_email ON account (site_id, email_fold) WHERE email_fold <> '';

CREATE TABLE api_token (
    id        INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    site_id   INTEGER NOT NULL,
    account   INTEGER NOT NULL,
    dialect   TEXT,
    name      TEXT    NOT NULL,
    digest    BLOB    NOT NULL UNIQUE,
    hint      TEXT    NOT NULL,
    scopes    TEXT    NOT NULL,
    created   INTEGER NOT NULL,
    expires   INTEGER,
    used      INTEGER,
    used_from TEXT,
    revoked   INTEGER,
    FOREIGN KEY (site_id, account) REFERENCES account (site_id, number) ON DELETE CASCADE
) STRICT;
CREATE INDEX api_token_owner ON api_token (site_id, account);

CREATE TABLE totp (
    site_id   INTEGER NOT NULL,
    account   INTEGER NOT NULL,
    secret    BLOB    NOT NULL,
    last_step INTEGER NOT NULL DEFAULT -1,
    PRIMARY KEY (site_id, account),
    FOREIGN KEY (site_id, account) REFERENCES account (site_id, number) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;

CREATE TABLE recovery_code (
    site_id INTEGER NOT NULL,
    account INTEGER NOT NULL,
    digest  BLOB    NOT NULL,
    PRIMARY KEY (site_id, account, digest),
    FOREIGN KEY (site_id, account) REFERENCES account (site_id, number) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;

-- A guest's session has no account row, so only the site is referenced.
CREATE TABLE session (
    id           BLOB    NOT NULL PRIMARY KEY,
    site_id      INTEGER NOT NULL REFERENCES site (id) ON DELETE CASCADE,
    account      INTEGER NOT NULL,
    dialect      TEXT    NOT NULL,
    created      INTEGER NOT NULL,
    expires      INTEGER NOT NULL,
    generation   INTEGER NOT NULL,
    rotated      INTEGER NOT NULL,
    token        BLOB,
    ended        INTEGER,
    ended_reason TEXT,
    address      TEXT    NOT NULL,
    agent        TEXT
) STRICT, WITHOUT ROWID;
CREATE INDEX session_owner ON session (site_id, account);
CREATE INDEX session_expires ON session (expires);
CREATE INDEX session_ended ON session (ended) WHERE ended IS NOT NULL;

-- Outlives its site: a removed site that comes back with its keys must not revive a revoked token.
CREATE TABLE revoked (
    token   BLOB    NOT NULL PRIMARY KEY,
    site_id INTEGER NOT NULL,
    expires INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX revoked_expires ON revoked (expires);

CREATE TABLE attempt (
    id    BLOB    NOT NULL PRIMARY KEY,
    tries INTEGER NOT NULL,
    since INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX attempt_since ON attempt (since);

-- Outlives its site: what happened has happened.
CREATE TABLE audit (
    id      INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    at      INTEGER NOT NULL,
    site_id INTEGER,
    account INTEGER,
    action  TEXT    NOT NULL,
    outcome TEXT    NOT NULL,
    reason  TEXT    NOT NULL,
    detail  TEXT    NOT NULL,
    address TEXT    NOT NULL,
    request TEXT    NOT NULL,
    times   INTEGER NOT NULL
) STRICT;
CREATE INDEX audit_at ON audit (at);
CREATE INDEX audit_owner ON audit (site_id, account, id);

-- What other nodes and processes must read again.
CREATE TABLE change (
    seq     INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    kind    INTEGER NOT NULL,
    site_id INTEGER,
    token   BLOB,
    expires INTEGER,
    at      INTEGER NOT NULL
) STRICT;
