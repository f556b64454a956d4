/**
 * Files that a scan has looked into, because their names don't tell what they are, and found to be no media: as long as they stay as
 * they are, they are not opened again. Files whose names tell it are not here.
 */
export const schema4 = `
CREATE TABLE ignored_file (
  -- Absolute, with a slash at its end; bytes, as the file system gave them.
  folder BLOB NOT NULL,
  name BLOB NOT NULL,
  -- The stamp of the look, as in the table item.
  ino INTEGER NOT NULL,
  size INTEGER NOT NULL,
  mtime_ns INTEGER NOT NULL,
  ctime_ns INTEGER NOT NULL,
  reason TEXT NOT NULL,
  PRIMARY KEY (folder, name)
) STRICT, WITHOUT ROWID;
`
