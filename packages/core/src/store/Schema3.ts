/**
 * A content may have several forms: `spool write-tags` writes into a file, and the new bytes stay the content that they were. What is
 * known by the old hash is known by the new one too, wherever such a file turns up.
 */
export const schema3 = `
CREATE TABLE content_alias (
  -- Of the bytes with other tags.
  hash TEXT PRIMARY KEY,
  -- What everything is filed under.
  content_hash TEXT NOT NULL,
  -- Hash of the sound, the pictures and everything else that tags don't belong to: the same for all forms.
  essence TEXT NOT NULL,
  made_at TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX content_alias_by_content ON content_alias (content_hash);

-- Journal of what was written into files, for \`spool write-tags --undo\`.
CREATE TABLE tag_write (
  id INTEGER PRIMARY KEY,
  run TEXT NOT NULL,
  content_hash TEXT NOT NULL,
  path BLOB NOT NULL,
  old_hash TEXT NOT NULL,
  new_hash TEXT NOT NULL,
  -- JSON: how the old form is made of the new one.
  recipe TEXT NOT NULL,
  written_at TEXT NOT NULL,
  undone_at TEXT
) STRICT;
CREATE INDEX tag_write_by_run ON tag_write (run);
`
