-- Who has a nicename: looked up when an account is made, and when a login name is nobody's to the letter.
CREATE INDEX account_nicename ON account (site_id, nicename, number) WHERE status <> 4;
