-- Who judged an example, and when.

CREATE TABLE judged (
    example   TEXT PRIMARY KEY,
    signature TEXT NOT NULL
) STRICT;
