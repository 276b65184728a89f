-- What administrators look for: accounts by the beginning of a name, audit entries by who did it and from where, and how
-- much was let through.

-- The shown name as it is compared, cut; NULL in rows that were written before, until the store is opened.
ALTER TABLE account ADD COLUMN name_fold TEXT;
-- Beginnings are compared by code point, whatever the database's own order of letters is.
CREATE INDEX account_name_c ON account (site_id, name_fold COLLATE "C");
CREATE INDEX account_login_c ON account (site_id, login_fold COLLATE "C");
CREATE INDEX account_email_c ON account (site_id, email_fold COLLATE "C") WHERE email_fold <> '';
CREATE INDEX account_unfolded ON account (site_id) WHERE name_fold IS NULL;

ALTER TABLE audit ADD COLUMN actor_site BIGINT;
ALTER TABLE audit ADD COLUMN actor BIGINT;
CREATE INDEX audit_site ON audit (site_id, id);
CREATE INDEX audit_reason ON audit (reason, id);
CREATE INDEX audit_address ON audit (address, id);
CREATE INDEX audit_actor ON audit (actor_site, actor, id) WHERE actor IS NOT NULL;

-- Outlives its site, as the audit does.
CREATE TABLE traffic (
    minute   BIGINT NOT NULL,
    site_id  BIGINT NOT NULL,
    verified BIGINT NOT NULL,
    PRIMARY KEY (minute, site_id)
);
