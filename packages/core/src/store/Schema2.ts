/**
 * A file's name as the full-text search takes it (see SearchText): prepared when it is found or renamed, so that plugins' views and
 * triggers need nothing but SQLite.
 */
export const schema2 = `
-- The words of the name, and the parts of words (door slam wood 01 of DoorSlam_Wood01; NULL where no word has parts).
ALTER TABLE item ADD COLUMN search_name TEXT;
ALTER TABLE item ADD COLUMN search_parts TEXT;
-- The whole path, folded; NULL where it is ASCII, which SQLite compares without case by itself.
ALTER TABLE item ADD COLUMN search_path TEXT;
UPDATE item SET
  search_name = search_name(path), search_parts = search_name_parts(path), search_path = search_path(path);
`
