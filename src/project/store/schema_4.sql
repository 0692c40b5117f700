-- Second models that were compared with the base: record and figures in one
-- row, so that both are there or neither is.

CREATE TABLE second_model (
    number     INTEGER PRIMARY KEY,
    content    TEXT NOT NULL,
    comparison TEXT NOT NULL
) STRICT;
