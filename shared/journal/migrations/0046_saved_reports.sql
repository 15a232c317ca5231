-- Reports that managers saved stand beside the views that agents saved: what is sealed says which ones and how asked.
ALTER TABLE query.views ADD COLUMN kind text NOT NULL DEFAULT 'queue';
