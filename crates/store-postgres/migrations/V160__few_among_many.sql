-- Few among many: who has a role, who is a program or banned, what was done seldom. Found by an index, not by looking at everybody.

-- The roles of accounts, once more, as they are looked for; deleted accounts apart.
CREATE TABLE account_role (
    site_id BIGINT  NOT NULL,
    deleted BOOLEAN NOT NULL,
    role    TEXT COLLATE "C"    NOT NULL,
    number  BIGINT  NOT NULL,
    PRIMARY KEY (site_id, deleted, role, number),
    FOREIGN KEY (site_id, number) REFERENCES account (site_id, number) ON DELETE CASCADE
);
CREATE INDEX account_role_owner ON account_role (site_id, number);
INSERT INTO account_role (site_id, deleted, role, number)
SELECT DISTINCT a.site_id, a.status = 4, r.value, a.number FROM account a, jsonb_array_elements_text(a.roles::jsonb) r (value);

CREATE INDEX account_service ON account (site_id, number) WHERE service;
CREATE INDEX account_status ON account (site_id, status, number);

CREATE INDEX audit_action ON audit (action COLLATE "C", id);
