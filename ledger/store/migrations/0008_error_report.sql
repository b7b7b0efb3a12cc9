-- What readers report of public pages: unsigned, so no entry of the log. Text and contact are encrypted.
CREATE TABLE error_report (
    id          text        PRIMARY KEY,
    received_at timestamptz NOT NULL,
    page        text        NOT NULL,
    known_at    bigint      NOT NULL,
    sealed      bytea       NOT NULL,
    outcome     text,
    answer      text,
    answered_by text,
    answered_at timestamptz,
    CHECK ((answered_at IS NULL) = (outcome IS NULL) AND (answered_at IS NULL) = (answered_by IS NULL) AND (answered_at IS NULL) = (answer IS NULL))
);
CREATE INDEX error_report_open ON error_report (received_at) WHERE answered_at IS NULL;
GRANT SELECT, INSERT, UPDATE, DELETE ON error_report TO ${app};
