-- Which code made a generation: a digest of its tables and of the version of its fold. Another one than that of the
-- projector that starts, or none, means that the projection has to be built anew.
ALTER TABLE query.generations ADD COLUMN recipe text;
