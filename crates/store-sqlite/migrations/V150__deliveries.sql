-- What became of what was told, as it is looked for: of one webhook, or what failed, newest first; and as it is thrown away.
CREATE INDEX errand_target ON errand (site_id, target, id);
CREATE INDEX errand_standing ON errand (site_id, standing, id);
CREATE INDEX errand_ended ON errand (site_id, due) WHERE standing <> 0;

-- Whoever was deleted before this version runs nothing any more, and comes in with nothing.
DELETE FROM power WHERE EXISTS
    (SELECT 1 FROM account a WHERE a.site_id = power.site_id AND a.number = power.account AND a.status = 4);
DELETE FROM passkey WHERE EXISTS
    (SELECT 1 FROM account a WHERE a.site_id = passkey.site_id AND a.number = passkey.account AND a.status = 4);
