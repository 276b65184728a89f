-- All dates are whole seconds since the Unix epoch, UTC. Lists and rules are JSON text.

CREATE TABLE site (
    id           BIGINT  NOT NULL PRIMARY KEY,
    name         TEXT    NOT NULL UNIQUE,
    url          TEXT    NOT NULL,
    hosts        TEXT    NOT NULL,
    upstream     TEXT,
    cors_origins TEXT    NOT NULL,
    rules        TEXT    NOT NULL,
    pad          TEXT    NOT NULL DEFAULT ''
);

CREATE TABLE dialect (
    site_id  BIGINT  NOT NULL REFERENCES site (id) ON DELETE CASCADE,
    position BIGINT  NOT NULL,
    dialect  TEXT    NOT NULL,
    config   BYTEA   NOT NULL,
    PRIMARY KEY (site_id, dialect)
);

CREATE TABLE signing_key (
    seq       BIGINT  NOT NULL GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    site_id   BIGINT  NOT NULL REFERENCES site (id) ON DELETE CASCADE,
    dialect   TEXT    NOT NULL,
    kid       TEXT    NOT NULL,
    algorithm TEXT    NOT NULL,
    material  BYTEA   NOT NULL,
    created   BIGINT  NOT NULL,
    retired   BIGINT,
    UNIQUE (site_id, dialect, kid)
);

-- The folded columns are what names and addresses are compared by.
CREATE TABLE account (
    site_id      BIGINT  NOT NULL REFERENCES site (id) ON DELETE CASCADE,
    number       BIGINT  NOT NULL,
    login        TEXT    NOT NULL,
    login_fold   TEXT    NOT NULL,
    email        TEXT    NOT NULL,
    email_fold   TEXT    NOT NULL,
    nicename     TEXT    NOT NULL,
    display_name TEXT    NOT NULL,
    url          TEXT    NOT NULL,
    registered   BIGINT  NOT NULL,
    roles        TEXT    NOT NULL,
    level        BIGINT  NOT NULL,
    status       BIGINT  NOT NULL,
    avatar       TEXT,
    service      BOOLEAN NOT NULL,
    valid_after  BIGINT  NOT NULL,
    password     TEXT,
    meta         TEXT    NOT NULL DEFAULT '{}',
    PRIMARY KEY (site_id, number)
);
CREATE UNIQUE INDEX account_login ON account (site_id, login_fold);
CREATE UNIQUE INDEX account_email ON account (site_id, email_fold) WHERE email_fold <> '';

CREATE TABLE api_token (
    id        BIGINT  NOT NULL GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    site_id   BIGINT  NOT NULL,
    account   BIGINT  NOT NULL,
    dialect   TEXT,
    name      TEXT    NOT NULL,
    digest    BYTEA   NOT NULL UNIQUE,
    hint      TEXT    NOT NULL,
    scopes    TEXT    NOT NULL,
    created   BIGINT  NOT NULL,
    expires   BIGINT,
    used      BIGINT,
    used_from TEXT,
    revoked   BIGINT,
    FOREIGN KEY (site_id, account) REFERENCES account (site_id, number) ON DELETE CASCADE
);
CREATE INDEX api_token_owner ON api_token (site_id, account);

CREATE TABLE totp (
    site_id   BIGINT  NOT NULL,
    account   BIGINT  NOT NULL,
    secret    BYTEA   NOT NULL,
    last_step BIGINT  NOT NULL DEFAULT -1,
    PRIMARY KEY (site_id, account),
    FOREIGN KEY (site_id, account) REFERENCES account (site_id, number) ON DELETE CASCADE
);

CREATE TABLE recovery_code (
    site_id BIGINT  NOT NULL,
    account BIGINT  NOT NULL,
    digest  BYTEA   NOT NULL,
    PRIMARY KEY (site_id, account, digest),
    FOREIGN KEY (site_id, account) REFERENCES account (site_id, number) ON DELETE CASCADE
);

-- A guest's session has no account row, so only the site is referenced.
CREATE TABLE session (
    id           BYTEA   NOT NULL PRIMARY KEY,
    site_id      BIGINT  NOT NULL REFERENCES site (id) ON DELETE CASCADE,
    account      BIGINT  NOT NULL,
    dialect      TEXT    NOT NULL,
    created      BIGINT  NOT NULL,
    expires      BIGINT  NOT NULL,
    generation   BIGINT  NOT NULL,
    rotated      BIGINT  NOT NULL,
    token        BYTEA,
    ended        BIGINT,
    ended_reason TEXT,
    address      TEXT    NOT NULL,
    agent        TEXT
);
CREATE INDEX session_owner ON session (site_id, account);
CREATE INDEX session_expires ON session (expires);
CREATE INDEX session_ended ON session (ended) WHERE ended IS NOT NULL;

-- Outlives its site: a removed site that comes back with its keys must not revive a revoked token.
CREATE TABLE revoked (
    token   BYTEA   NOT NULL PRIMARY KEY,
    site_id BIGINT  NOT NULL,
    expires BIGINT  NOT NULL
);
CREATE INDEX revoked_expires ON revoked (expires);

CREATE TABLE attempt (
    id    BYTEA   NOT NULL PRIMARY KEY,
    tries BIGINT  NOT NULL,
    since BIGINT  NOT NULL
);
CREATE INDEX attempt_since ON attempt (since);

-- Outlives its site: what happened has happened.
CREATE TABLE audit (
    id      BIGINT  NOT NULL GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at      BIGINT  NOT NULL,
    site_id BIGINT,
    account BIGINT,
    action  TEXT    NOT NULL,
    outcome TEXT    NOT NULL,
    reason  TEXT    NOT NULL,
    detail  TEXT    NOT NULL,
    address TEXT    NOT NULL,
    request TEXT    NOT NULL,
    times   BIGINT  NOT NULL
);
CREATE INDEX audit_at ON audit (at);
CREATE INDEX audit_owner ON audit (site_id, account, id);

-- What other nodes and processes must read again.
CREATE TABLE change (
    seq     BIGINT  NOT NULL GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    kind    BIGINT  NOT NULL,
    site_id BIGINT,
    token   BYTEA,
    expires BIGINT,
    at      BIGINT  NOT NULL
);
