-- Who had which document kept here, and how much: what quotas are counted by. Documents themselves are kept by content.
CREATE TABLE document_upload (
    number     bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at         timestamptz NOT NULL,
    principal  text        NOT NULL,
    key_id     text        NOT NULL,
    sha256     bytea       NOT NULL,
    length     integer     NOT NULL
);
CREATE INDEX document_upload_at ON document_upload (at);
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON document_upload EXECUTE FUNCTION refuse_change();
GRANT SELECT, INSERT ON document_upload TO ${app};
