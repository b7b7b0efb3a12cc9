-- RFC 3161 responses over signed heads, one per head and authority, as they came.

CREATE TABLE timestamp_token (
    size       bigint      NOT NULL REFERENCES checkpoint (size),
    authority  text        NOT NULL,
    response   bytea       NOT NULL,
    stamped_at timestamptz NOT NULL,
    PRIMARY KEY (size, authority)
);
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON timestamp_token EXECUTE FUNCTION refuse_change();
GRANT SELECT, INSERT ON timestamp_token TO ${app};
