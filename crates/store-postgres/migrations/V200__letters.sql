-- Letters that wait for the mail server, sealed: they may hold codes and links.
CREATE TABLE letter (
    id      BIGINT  NOT NULL PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
    site_id BIGINT  NOT NULL REFERENCES site (id) ON DELETE CASCADE,
    sealed  BYTEA   NOT NULL,
    made    BIGINT  NOT NULL,
    due     BIGINT  NOT NULL,
    tries   BIGINT  NOT NULL
);
CREATE INDEX letter_due ON letter (due, id);
