-- What is to be told to other servers (webhooks), and what became of it.
CREATE TABLE errand (
    id       bigint NOT NULL GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    site_id  bigint NOT NULL REFERENCES site (id) ON DELETE CASCADE,
    kind     text   NOT NULL,
    target   text   NOT NULL,
    about    text   NOT NULL,
    made     bigint NOT NULL,
    due      bigint NOT NULL,
    tries    bigint NOT NULL,
    standing bigint NOT NULL,
    heard    text   NOT NULL
);
CREATE INDEX errand_due ON errand (due) WHERE standing = 0;
CREATE INDEX errand_site ON errand (site_id, id);
-- How often something was used that may be used so often and no more (auth codes with a limit).
CREATE TABLE tally (
    site_id bigint NOT NULL REFERENCES site (id) ON DELETE CASCADE,
    kind    text   NOT NULL,
    key     bytea  NOT NULL,
    used    bigint NOT NULL,
    PRIMARY KEY (site_id, kind, key)
);
