-- Passwords that an administrator gave: who comes to the console with one chooses their own first.
ALTER TABLE account ADD COLUMN password_given INTEGER NOT NULL DEFAULT 0;
