-- What witnesses said of published heads (c2sp.org/tlog-cosignature): one line per key and size, as it came.

CREATE TABLE cosignature (
    size      bigint      NOT NULL REFERENCES checkpoint (size),
    key       text        NOT NULL,
    line      text        NOT NULL,
    heard_at  timestamptz NOT NULL,
    PRIMARY KEY (size, key)
);
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON cosignature EXECUTE FUNCTION refuse_change();
GRANT SELECT, INSERT ON cosignature TO ${app};
