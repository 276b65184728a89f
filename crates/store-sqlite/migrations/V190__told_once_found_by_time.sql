-- Until when an errand is somebody's who tells it: nobody else tells it meanwhile, not even by hand.
ALTER TABLE errand ADD COLUMN taken_until INTEGER NOT NULL DEFAULT 0;

-- The audit is read newest first, mostly of a time: whatever else is asked for, its index has the time too.
DROP INDEX audit_owner;
DROP INDEX audit_site;
DROP INDEX audit_reason;
DROP INDEX audit_address;
DROP INDEX audit_actor;
DROP INDEX audit_action;
CREATE INDEX audit_owner ON audit (site_id, account, at);
CREATE INDEX audit_site ON audit (site_id, at);
CREATE INDEX audit_reason ON audit (reason, at);
CREATE INDEX audit_address ON audit (address, at);
CREATE INDEX audit_actor ON audit (actor_site, actor, at) WHERE actor IS NOT NULL;
CREATE INDEX audit_action ON audit (action, at);
