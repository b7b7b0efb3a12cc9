-- The hashes of one principal are sealed together with a key of the home: whoever can write rows can neither add nor take away one.
ALTER TABLE identity_link ADD COLUMN seal bytea NOT NULL DEFAULT '';
GRANT UPDATE (normal, seal) ON identity_link TO ${app};
