-- The log of one jurisdiction. Run inside its schema; ${app} is the application's role.
-- Position n is Merkle leaf n-1; positions are dense and become visible in order, because the one row of
-- log_head is locked until commit.

CREATE TABLE log_head (
    one               boolean     PRIMARY KEY DEFAULT true CHECK (one),
    size              bigint      NOT NULL CHECK (size >= 0),
    frontier          bytea[]     NOT NULL,
    last_recorded_at  timestamptz NOT NULL
);
INSERT INTO log_head (size, frontier, last_recorded_at) VALUES (0, '{}', '-infinity');

CREATE TABLE entry (
    position     bigint      PRIMARY KEY CHECK (position > 0),
    id           text        NOT NULL UNIQUE,
    type         text        NOT NULL,
    recorded_at  timestamptz NOT NULL,
    entry        bytea       NOT NULL CHECK (octet_length(entry) <= 65535),
    leaf_hash    bytea       NOT NULL CHECK (octet_length(leaf_hash) = 32)
);
CREATE INDEX entry_by_type ON entry (type, position);
CREATE INDEX entry_by_instant ON entry (recorded_at, position);

CREATE TABLE entry_tag (
    tag       text   NOT NULL,
    position  bigint NOT NULL REFERENCES entry (position),
    type      text   NOT NULL,
    PRIMARY KEY (tag, position)
);
CREATE INDEX entry_tag_by_position ON entry_tag (position);

-- Hashes of complete subtrees of 256^level leaves, level >= 1 (c2sp.org/tlog-tiles); level 0 is entry.leaf_hash.
CREATE TABLE tile_node (
    level     smallint NOT NULL CHECK (level >= 1),
    index     bigint   NOT NULL CHECK (index >= 0),
    hash      bytea    NOT NULL CHECK (octet_length(hash) = 32),
    PRIMARY KEY (level, index)
);

-- Signed heads, stored before they leave the process; one per size.
CREATE TABLE checkpoint (
    size  bigint PRIMARY KEY,
    root  bytea  NOT NULL CHECK (octet_length(root) = 32),
    note  text   NOT NULL
);

-- Documents by content: packs, and whatever events name by hash and the ledger must be able to show.
CREATE TABLE document (
    sha256      bytea PRIMARY KEY CHECK (sha256 = sha256(content)),
    media_type  text  NOT NULL,
    content     bytea NOT NULL CHECK (octet_length(content) <= 1000000)
);

CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'append-only: % on %.% is refused', TG_OP, TG_TABLE_SCHEMA, TG_TABLE_NAME
        USING ERRCODE = 'insufficient_privilege';
END $$;

CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON entry      EXECUTE FUNCTION refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON entry_tag  EXECUTE FUNCTION refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON tile_node  EXECUTE FUNCTION refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON checkpoint EXECUTE FUNCTION refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON document   EXECUTE FUNCTION refuse_change();
CREATE TRIGGER head_stays  BEFORE DELETE OR TRUNCATE           ON log_head   EXECUTE FUNCTION refuse_change();

CREATE FUNCTION head_grows() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.size <= OLD.size OR NEW.last_recorded_at < OLD.last_recorded_at THEN
        RAISE EXCEPTION 'append-only: the head of % can only grow', TG_TABLE_SCHEMA
            USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER head_grows BEFORE UPDATE ON log_head FOR EACH ROW EXECUTE FUNCTION head_grows();

GRANT SELECT, INSERT ON entry, entry_tag, tile_node, checkpoint, document TO ${app};
GRANT SELECT, UPDATE ON log_head TO ${app};
