-- Until when an errand is somebody's who tells it: nobody else tells it meanwhile, not even by hand.
ALTER TABLE errand ADD COLUMN taken_until BIGINT NOT NULL DEFAULT 0;

-- The audit is read newest first, mostly of a time: whatever else is asked for, its index has the time too.
DROP INDEX audit_at;
DROP INDEX audit_owner;
DROP INDEX audit_site;
DROP INDEX audit_reason;
DROP INDEX audit_address;
DROP INDEX audit_actor;
DROP INDEX audit_action;
CREATE INDEX audit_at ON audit (at, id);
CREATE INDEX audit_owner ON audit (site_id, account, at, id);
CREATE INDEX audit_site ON audit (site_id, at, id);
CREATE INDEX audit_reason ON audit (reason, at, id);
CREATE INDEX audit_address ON audit (address, at, id);
CREATE INDEX audit_actor ON audit (actor_site, actor, at, id) WHERE actor IS NOT NULL;
CREATE INDEX audit_action ON audit (action COLLATE "C", at, id);
