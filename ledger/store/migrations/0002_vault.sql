-- Openings of restricted fields, encrypted under a data key per subject; destroying the row of a data key
-- erases the subject's values and salts at once, and no hash in the log changes.

CREATE TABLE key_encryption_key (
    kek_id  text  PRIMARY KEY,
    probe   bytea NOT NULL
);

CREATE TABLE data_key (
    subject     text        PRIMARY KEY,
    kek_id      text        NOT NULL REFERENCES key_encryption_key (kek_id),
    wrapped     bytea,
    erased_by   text,
    CHECK ((wrapped IS NULL) = (erased_by IS NOT NULL))
);

CREATE TABLE opening (
    entry_id  text  NOT NULL REFERENCES entry (id),
    pointer   text  NOT NULL,
    subject   text  NOT NULL REFERENCES data_key (subject),
    sealed    bytea NOT NULL,
    PRIMARY KEY (entry_id, pointer)
);

-- One natural person behind several pseudonyms (separation S2), as a keyed hash of the identity number.
CREATE TABLE identity_link (
    principal_id  text  PRIMARY KEY,
    keyed_hash    bytea NOT NULL
);

GRANT SELECT, INSERT ON key_encryption_key, opening, identity_link TO ${app};
GRANT SELECT, INSERT, UPDATE ON data_key TO ${app};
