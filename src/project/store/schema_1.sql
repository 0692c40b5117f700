-- What people decided and wrote. Values are JSON.

CREATE TABLE setting (
    name  TEXT PRIMARY KEY,
    value TEXT NOT NULL
) STRICT;

CREATE TABLE triage (
    example  TEXT PRIMARY KEY,
    judgement TEXT NOT NULL
) STRICT;

CREATE TABLE placement (
    example TEXT PRIMARY KEY,
    place   TEXT NOT NULL
) STRICT;

CREATE TABLE blind_spot_name (
    blind_spot INTEGER PRIMARY KEY,
    name       TEXT NOT NULL
) STRICT;

CREATE TABLE teacher_choice (
    blind_spot INTEGER PRIMARY KEY,
    choice     TEXT NOT NULL
) STRICT;

-- A lesson without its hypotheses and samples, which have rows of their own,
-- so that confirming one sample writes one row.
CREATE TABLE lesson (
    id      TEXT PRIMARY KEY,
    content TEXT NOT NULL
) STRICT;

CREATE TABLE hypothesis (
    lesson   TEXT NOT NULL REFERENCES lesson (id) ON DELETE CASCADE,
    position INTEGER NOT NULL,
    content  TEXT NOT NULL,
    PRIMARY KEY (lesson, position)
) STRICT;

CREATE TABLE sample (
    lesson   TEXT NOT NULL REFERENCES lesson (id) ON DELETE CASCADE,
    position INTEGER NOT NULL,
    content  TEXT NOT NULL,
    PRIMARY KEY (lesson, position)
) STRICT;

-- What was computed.

CREATE TABLE snapshot (
    version INTEGER PRIMARY KEY,
    content TEXT NOT NULL
) STRICT;

CREATE TABLE round (
    number  INTEGER PRIMARY KEY,
    content TEXT NOT NULL
) STRICT;

CREATE TABLE comparison (
    round   INTEGER NOT NULL,
    role    TEXT NOT NULL,
    content TEXT NOT NULL,
    PRIMARY KEY (round, role)
) STRICT;

CREATE TABLE opening (
    id      INTEGER PRIMARY KEY,
    content TEXT NOT NULL
) STRICT;

CREATE TABLE step (
    name     TEXT PRIMARY KEY,
    hash     TEXT NOT NULL,
    output   TEXT NOT NULL,
    finished TEXT NOT NULL
) STRICT;

-- Little-endian: examples u32 [rows], logits f32 [rows, classes],
-- embeddings f32 [rows, width].
CREATE TABLE predictions (
    model      TEXT NOT NULL,
    data       TEXT NOT NULL,
    classes    INTEGER NOT NULL,
    width      INTEGER NOT NULL,
    examples   BLOB NOT NULL,
    logits     BLOB NOT NULL,
    embeddings BLOB NOT NULL,
    PRIMARY KEY (model, data)
) STRICT;

-- Little-endian f32 [rows, 2].
CREATE TABLE map (
    model  TEXT NOT NULL,
    data   TEXT NOT NULL,
    method TEXT NOT NULL,
    points BLOB NOT NULL,
    PRIMARY KEY (model, data, method)
) STRICT;

CREATE TABLE checkpoint (
    sha256  TEXT PRIMARY KEY,
    name    TEXT NOT NULL,
    file    TEXT NOT NULL UNIQUE,
    bytes   INTEGER NOT NULL,
    created TEXT NOT NULL
) STRICT;

-- Calls to language models, in order, by job.
CREATE TABLE journal (
    id    INTEGER PRIMARY KEY,
    job   TEXT NOT NULL,
    entry TEXT NOT NULL
) STRICT;

CREATE INDEX journal_of_job ON journal (job, id);
