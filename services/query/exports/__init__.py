"""Tables that are taken away whole: rows straight from the journal, as CSV, NDJSON or Parquet."""
