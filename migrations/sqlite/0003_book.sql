-- The bytes of every rule book used, under their digest, and the one in force; what its lifecycle
-- says about words and sources, so that v_event reads recorded words as the book in force does.

CREATE TABLE book (
    digest TEXT PRIMARY KEY,
    bytes BLOB NOT NULL
) STRICT;

CREATE TABLE book_in_use (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    digest TEXT NOT NULL REFERENCES book (digest),
    lifecycle_digest TEXT NOT NULL
) STRICT;

CREATE TABLE status_alias (
    service_type TEXT NOT NULL,
    word TEXT NOT NULL,
    status TEXT NOT NULL,
    PRIMARY KEY (service_type, word)
) STRICT, WITHOUT ROWID;

CREATE TABLE provider_name (
    source TEXT PRIMARY KEY,
    provider TEXT NOT NULL
) STRICT, WITHOUT ROWID;
