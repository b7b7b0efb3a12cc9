-- The two-axis register: disposable, rebuilt from events. valid = days [from, to) in Asia/Shanghai,
-- known = positions [from, to). One answer per subject and fact at each (D, K).

CREATE TABLE register_fact (
    generation  integer   NOT NULL,
    subject     text      NOT NULL,
    fact        text      NOT NULL,
    valid       daterange NOT NULL,
    known       int8range NOT NULL,
    answer      jsonb     NOT NULL,
    EXCLUDE USING gist (generation WITH =, subject WITH =, fact WITH =, valid WITH &&, known WITH &&)
);
CREATE INDEX register_fact_by_time ON register_fact USING gist (fact, valid, known);

CREATE TABLE register_cursor (
    generation  integer PRIMARY KEY,
    position    bigint  NOT NULL,
    current     boolean NOT NULL
);
CREATE UNIQUE INDEX register_one_current ON register_cursor (current) WHERE current;
INSERT INTO register_cursor VALUES (1, 0, true);

-- Which organisations a tag leads to: how the runner finds whom an event touches.
CREATE TABLE register_link (
    generation  integer NOT NULL,
    tag         text    NOT NULL,
    subject     text    NOT NULL,
    PRIMARY KEY (generation, tag, subject)
);

GRANT SELECT, INSERT, UPDATE, DELETE ON register_fact, register_cursor, register_link TO ${app};
