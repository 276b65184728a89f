-- What the console keeps: powers, visits (its sessions' own part), one-time tickets, passkeys, self-service switches.

-- Who runs the server ('owner') or a site ('admin'). Apart from the account: no import and no language can plant it.
CREATE TABLE power (
    site_id bigint NOT NULL,
    account bigint NOT NULL,
    power   text   NOT NULL,
    PRIMARY KEY (site_id, account),
    FOREIGN KEY (site_id, account) REFERENCES account (site_id, number) ON DELETE CASCADE
);

CREATE TABLE visit (
    session bytea  NOT NULL PRIMARY KEY REFERENCES session (id) ON DELETE CASCADE,
    seen    bigint NOT NULL,
    proven  bigint NOT NULL,
    factors text   NOT NULL
);

-- Site and account are 0 where a ticket is nobody's yet, so they are no references.
CREATE TABLE ticket (
    kind    text   NOT NULL,
    key     bytea  NOT NULL,
    site_id bigint NOT NULL,
    account bigint NOT NULL,
    note    bytea  NOT NULL,
    created bigint NOT NULL,
    expires bigint NOT NULL,
    PRIMARY KEY (kind, key)
);
CREATE INDEX ticket_expires ON ticket (expires);
CREATE INDEX ticket_owner ON ticket (site_id, account, kind);

CREATE TABLE passkey (
    id      bytea  NOT NULL PRIMARY KEY,
    site_id bigint NOT NULL,
    account bigint NOT NULL,
    name    text   NOT NULL,
    public  text   NOT NULL,
    counter bigint NOT NULL,
    created bigint NOT NULL,
    used    bigint,
    FOREIGN KEY (site_id, account) REFERENCES account (site_id, number) ON DELETE CASCADE
);
CREATE INDEX passkey_owner ON passkey (site_id, account);

CREATE TABLE self_service (
    site_id      bigint  NOT NULL PRIMARY KEY REFERENCES site (id) ON DELETE CASCADE,
    register     boolean NOT NULL,
    reset        boolean NOT NULL,
    change_email boolean NOT NULL,
    roles        text    NOT NULL,
    level        bigint  NOT NULL
);

-- From which addresses a token may be used: a JSON array of addresses and networks; empty = from anywhere.
ALTER TABLE api_token ADD COLUMN ip_allow text NOT NULL DEFAULT '[]';
