-- Views that agents saved: what of a queue they look at, under a name. They are no events: nothing follows from them, and
-- nothing can make them again. What they say is sealed with the key of their person and goes with it.
CREATE TABLE query.views (
    view uuid PRIMARY KEY,
    person uuid NOT NULL,
    sealed text NOT NULL,
    is_default boolean NOT NULL,
    saved_at timestamptz NOT NULL
);

CREATE INDEX views_person ON query.views (person, saved_at);
CREATE UNIQUE INDEX views_default ON query.views (person) WHERE is_default;

GRANT SELECT, INSERT, UPDATE, DELETE ON query.views TO cecoia_query;
