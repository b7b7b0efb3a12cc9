-- Signed roots of the tag index, stored before they leave the process; one per size of the log.

CREATE TABLE tag_index (
    size  bigint PRIMARY KEY,
    root  bytea  NOT NULL CHECK (octet_length(root) = 32),
    note  text   NOT NULL
);
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON tag_index EXECUTE FUNCTION refuse_change();
GRANT SELECT, INSERT ON tag_index TO ${app};
