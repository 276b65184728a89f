-- What became of what was told, as it is looked for: of one webhook, or what failed, newest first; and as it is thrown away.
CREATE INDEX errand_target ON errand (site_id, target, id);
CREATE INDEX errand_standing ON errand (site_id, standing, id);
CREATE INDEX errand_ended ON errand (site_id, due) WHERE standing <> 0;
