-- The record of visits gets a chain of its own: each row counted without gaps, and a hash over the row and all before it
-- (docs/spec, section 13). Rows of before have none yet; the running service adds theirs, in their order, before the next row.
ALTER TABLE visit
    ADD COLUMN place bigint UNIQUE CHECK (place >= 1),
    ADD COLUMN chain bytea CHECK (octet_length(chain) = 32),
    ADD CHECK ((place IS NULL) = (chain IS NULL));

-- A row may be given its place and its hash once, and is never changed otherwise.
CREATE FUNCTION visit_is_chained_once() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.chain IS NOT NULL OR NEW.chain IS NULL
        OR (NEW.number, NEW.at, NEW.principal, NEW.key_id, NEW.roles, NEW.page, NEW.purpose)
            IS DISTINCT FROM (OLD.number, OLD.at, OLD.principal, OLD.key_id, OLD.roles, OLD.page, OLD.purpose) THEN
        RAISE EXCEPTION 'append-only: % on %.% is refused', TG_OP, TG_TABLE_SCHEMA, TG_TABLE_NAME
            USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END $$;
DROP TRIGGER append_only ON visit;
CREATE TRIGGER append_only BEFORE DELETE OR TRUNCATE ON visit EXECUTE FUNCTION refuse_change();
CREATE TRIGGER chained_once BEFORE UPDATE ON visit FOR EACH ROW EXECUTE FUNCTION visit_is_chained_once();
GRANT UPDATE (place, chain) ON visit TO ${app};

-- The log of index heads: each signed tag index is a leaf, in the order in which they were signed (docs/spec, section 14).
CREATE TABLE index_entry (
    number  bigint PRIMARY KEY CHECK (number >= 1),
    size    bigint NOT NULL UNIQUE REFERENCES tag_index (size)
);

-- Its signed heads and what witnesses said of them, as checkpoint and cosignature are for the log itself.
CREATE TABLE index_checkpoint (
    size  bigint PRIMARY KEY,
    root  bytea  NOT NULL CHECK (octet_length(root) = 32),
    note  text   NOT NULL
);
CREATE TABLE index_cosignature (
    size      bigint      NOT NULL REFERENCES index_checkpoint (size),
    key       text        NOT NULL,
    line      text        NOT NULL,
    heard_at  timestamptz NOT NULL,
    PRIMARY KEY (size, key)
);
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON index_entry       EXECUTE FUNCTION refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON index_checkpoint  EXECUTE FUNCTION refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON index_cosignature EXECUTE FUNCTION refuse_change();
GRANT SELECT, INSERT ON index_entry, index_checkpoint, index_cosignature TO ${app};
