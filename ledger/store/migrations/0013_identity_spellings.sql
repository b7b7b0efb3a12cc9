-- Several keyed hashes a principal: of the identity number in its one normal form, and as it was written. Links of before are
-- of the number as written only; the running log adds the others from the openings that it still holds.
ALTER TABLE identity_link
    DROP CONSTRAINT identity_link_pkey,
    ADD PRIMARY KEY (principal_id, keyed_hash),
    ADD COLUMN normal boolean NOT NULL DEFAULT false;
CREATE INDEX identity_link_by_hash ON identity_link (keyed_hash);
GRANT UPDATE (normal) ON identity_link TO ${app};
