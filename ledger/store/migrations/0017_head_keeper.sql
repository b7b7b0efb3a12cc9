-- Which files of newest heads, one beside each home's keys, have signed this log: another one is another machine's, and two of
-- them notice no rollback of each other's.
CREATE TABLE head_keeper (
    keeper      text        PRIMARY KEY,
    first_seen  timestamptz NOT NULL DEFAULT now(),
    retired_at  timestamptz
);
GRANT SELECT, INSERT, UPDATE (retired_at) ON head_keeper TO ${app};
