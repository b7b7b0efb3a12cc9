-- A data key per opening instead of one per subject: erasing destroys exactly what is named. Openings from before lie under
-- their subject's key until the running log has sealed them anew; then that key is deleted.
ALTER TABLE opening DROP CONSTRAINT opening_subject_fkey;
ALTER TABLE opening
    ADD COLUMN kek_id    text REFERENCES key_encryption_key (kek_id),
    ADD COLUMN wrapped   bytea,
    ADD COLUMN erased_by text,
    ADD CHECK (wrapped IS NULL OR erased_by IS NULL),
    ADD CHECK ((kek_id IS NULL) = (wrapped IS NULL));
CREATE INDEX opening_by_subject ON opening (subject);
GRANT UPDATE (sealed, kek_id, wrapped, erased_by) ON opening TO ${app};
GRANT DELETE ON data_key TO ${app};

-- Erasures recorded up to this size destroyed everything of the subject they named; later ones what they name.
CREATE TABLE erasure_epoch (
    one   boolean PRIMARY KEY DEFAULT true CHECK (one),
    size  bigint  NOT NULL
);
INSERT INTO erasure_epoch (size) SELECT size FROM log_head;
GRANT SELECT ON erasure_epoch TO ${app};
