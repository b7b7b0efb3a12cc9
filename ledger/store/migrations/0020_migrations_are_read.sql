-- Whoever verifies compares the schema, and the record of how it came to be, with what the migrations make.
GRANT SELECT ON migration TO ${app};
