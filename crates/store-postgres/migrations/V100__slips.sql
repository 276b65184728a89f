-- What a language keeps for a while under a digest: codes that were mailed, entries of lists.
CREATE TABLE slip (
    id      bigint NOT NULL GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    site_id bigint NOT NULL REFERENCES site (id) ON DELETE CASCADE,
    kind    text   NOT NULL,
    key     bytea  NOT NULL,
    account bigint NOT NULL,
    note    text   NOT NULL,
    created bigint NOT NULL,
    expires bigint NOT NULL,
    UNIQUE (site_id, kind, key)
);
CREATE INDEX slip_expires ON slip (expires);
