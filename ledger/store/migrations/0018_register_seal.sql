-- What the rows of a generation add up to at its position, sealed with a key of the home: whoever can write rows cannot seal them.
ALTER TABLE register_cursor ADD COLUMN total bytea, ADD COLUMN seal bytea;
