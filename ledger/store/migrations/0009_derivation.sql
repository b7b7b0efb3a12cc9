-- Which version of the folds a generation of the register was built by; one of another version is built anew.
ALTER TABLE register_cursor ADD COLUMN derivation integer NOT NULL DEFAULT 1;
