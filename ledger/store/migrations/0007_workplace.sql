-- Who of those with a seat read what, and what for. Not part of the log: reading changes nothing that the log says.
CREATE TABLE visit (
    number     bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at         timestamptz NOT NULL,
    principal  text        NOT NULL,
    key_id     text        NOT NULL,
    roles      text        NOT NULL,
    page       text        NOT NULL,
    purpose    text        NOT NULL
);
CREATE INDEX visit_by_principal ON visit (principal, number);
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON visit EXECUTE FUNCTION refuse_change();
GRANT SELECT, INSERT ON visit TO ${app};

-- Submissions that wait for a second signature, encrypted: they may hold restricted values.
CREATE TABLE pending_submission (
    id         text        PRIMARY KEY,
    type       text        NOT NULL,
    actor      text        NOT NULL,
    role       text        NOT NULL,
    waits_for  text[]      NOT NULL,
    posted_at  timestamptz NOT NULL,
    sealed     bytea       NOT NULL
);
GRANT SELECT, INSERT, UPDATE, DELETE ON pending_submission TO ${app};
