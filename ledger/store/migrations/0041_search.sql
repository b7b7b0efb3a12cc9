-- Where a text or a number stands in the log: disposable, filled from proven entries by whoever follows the log. A row says
-- where to look, and what is told is read there.

-- Ids, names and credit codes of subjects by the entry that first said them (names by each), numbers of documents and
-- serial numbers of certificates by the entry that names them.
CREATE TABLE search_text (
    folded    text   NOT NULL,
    kind      text   NOT NULL,
    position  bigint NOT NULL,
    PRIMARY KEY (folded, kind, position)
);

-- All pieces of one to three characters, by which any part of a text is found.
CREATE FUNCTION search_pieces(text) RETURNS text[] LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    SELECT array_agg(DISTINCT substr($1, first, size))
    FROM generate_series(1, length($1)) AS first, generate_series(1, 3) AS size
$$;
CREATE INDEX search_text_pieces ON search_text USING gin (search_pieces(folded));

-- The first eight characters of hashes that an entry names.
CREATE TABLE search_hash (
    start     text   NOT NULL,
    position  bigint NOT NULL,
    PRIMARY KEY (start, position)
);

-- How far both have come, and which version of the program decides what is in them.
CREATE TABLE search_cursor (
    one       boolean PRIMARY KEY DEFAULT true CHECK (one),
    position  bigint  NOT NULL,
    version   integer NOT NULL
);
INSERT INTO search_cursor (position, version) VALUES (0, 0);

GRANT SELECT, INSERT, UPDATE, DELETE ON search_text, search_hash, search_cursor TO ${app};
