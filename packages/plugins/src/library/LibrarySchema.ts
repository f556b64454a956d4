import type { Plugin } from "@mediaspool/core"
import { corrections } from "./CorrectionSchema.js"
import { deletions, moves, names, reopen, search, tables } from "./FirstSchema.js"
import { facets, movesNamed, describedByTags, movesUnread, reindex, searchable, withSigns } from "./SearchSchema.js"

/** The length as far as it is known, and the picture as it is seen. */
const asSeen = `
-- 1 where duration_seconds is the container's guess, and nothing has decoded the file since.
ALTER TABLE media ADD COLUMN duration_estimated INTEGER NOT NULL DEFAULT 0;
-- Pixels of the picture as it is seen: upright, and with square pixels; width and height are those of the stored one.
ALTER TABLE media ADD COLUMN display_width INTEGER;
ALTER TABLE media ADD COLUMN display_height INTEGER;
`

/** How well things are recorded, as columns. */
const quality = `
CREATE VIEW quality AS SELECT
  media_id, pipeline, node,
  json_extract(json, '$.snr') AS snr,
  json_extract(json, '$.bandwidth') AS bandwidth,
  json_extract(json, '$.cutoff') AS cutoff,
  json_extract(json, '$.hum') AS hum,
  json_extract(json, '$.mains') AS mains,
  json_extract(json, '$.clipping') AS clipping,
  json_extract(json, '$.offset') AS dc_offset,
  json_extract(json, '$.balance') AS balance,
  json_extract(json, '$.correlation') AS correlation
FROM result WHERE kind = 'Quality';
`

/** Where files lie among others. */
const vectors = `
CREATE TABLE vector (
  id INTEGER PRIMARY KEY,
  media_id INTEGER NOT NULL REFERENCES media (id),
  pipeline TEXT NOT NULL,
  node TEXT NOT NULL,
  -- timbre@1, text-embedding-v4: vectors of two models have nothing in common.
  model TEXT NOT NULL,
  provider TEXT NOT NULL,
  dimensions INTEGER NOT NULL,
  -- 32-bit floats, little-endian.
  data BLOB NOT NULL CHECK (length(data) = 4 * dimensions)
) STRICT;
CREATE INDEX vector_by_media ON vector (media_id, pipeline, node);
CREATE INDEX vector_by_model ON vector (model, dimensions, media_id);

CREATE TRIGGER vector_deleted AFTER DELETE ON vector BEGIN
  ${reopen("OLD.media_id", "OLD.pipeline")}
END;
CREATE TRIGGER vector_media_deleted BEFORE DELETE ON media BEGIN
  DELETE FROM vector WHERE media_id = OLD.id;
END;
`

/** Every file that a result holds, with its absolute path: core keeps where the state folder was used last. */
const artifactPaths = `
CREATE VIEW artifact_path AS SELECT
  media_id, pipeline, node, kind,
  -- Where it stands in the result's JSON: $.files[0].
  file.fullkey AS field,
  CASE WHEN path GLOB '/*' OR path GLOB '[A-Za-z]:*' THEN path ELSE coalesce((SELECT value FROM fact WHERE name = 'folder') || '/', '') || path END AS path,
  size_bytes
FROM (
  SELECT media_id, pipeline, node, kind, part.fullkey, json_extract(part.value, '$.path') AS path,
    json_extract(part.value, '$.size') AS size_bytes
  FROM result, json_tree(result.json) AS part
  WHERE part.type = 'object' AND json_extract(part.value, '$._tag') = 'Artifact'
) AS file;
`

/** What a model made of the questions that were asked of it: asked again they cost nothing. */
const questions = `
CREATE TABLE question (
  text TEXT NOT NULL,
  model TEXT NOT NULL,
  dimensions INTEGER NOT NULL,
  data BLOB NOT NULL,
  -- What it cost, as a decimal; NULL where nobody knows.
  amount TEXT,
  currency TEXT,
  asked_at TEXT NOT NULL,
  PRIMARY KEY (text, model, dimensions)
) STRICT;
`

/** What measurements say to what was said. */
const evidences = `
CREATE TABLE evidence (
  id INTEGER PRIMARY KEY,
  media_id INTEGER NOT NULL REFERENCES media (id),
  pipeline TEXT NOT NULL,
  node TEXT NOT NULL,
  -- The node whose caption or tag claims it.
  of_node TEXT NOT NULL,
  -- speech, silence, music, tempo …
  claim TEXT NOT NULL,
  verdict TEXT NOT NULL CHECK (verdict IN ('agrees', 'contradicts')),
  -- What was measured, in words.
  detail TEXT NOT NULL,
  -- NULL: the whole file.
  start_seconds REAL,
  end_seconds REAL
) STRICT;
CREATE INDEX evidence_by_media ON evidence (media_id, pipeline, node);
CREATE INDEX evidence_by_verdict ON evidence (verdict, media_id);

CREATE TRIGGER evidence_deleted AFTER DELETE ON evidence BEGIN
  ${reopen("OLD.media_id", "OLD.pipeline")}
END;
CREATE TRIGGER evidence_media_deleted BEFORE DELETE ON media BEGIN
  DELETE FROM evidence WHERE media_id = OLD.id;
END;
`

/** What `spool duplicates` found last. */
const duplicates = `
CREATE TABLE duplicate (
  media_id INTEGER PRIMARY KEY REFERENCES media (id) ON DELETE CASCADE,
  -- The lowest id of the group.
  group_id INTEGER NOT NULL,
  -- audio: the same samples. near: the same sound in another codec, at another level or trimmed.
  how TEXT NOT NULL CHECK (how IN ('audio', 'near')),
  found_at TEXT NOT NULL
) STRICT;
CREATE INDEX duplicate_by_group ON duplicate (group_id);
`

/** What changed among the vectors, for an index that is kept beside the library: each id once, with the number of its last change. */
const vectorLog = `
CREATE TABLE vector_log (
  seq INTEGER PRIMARY KEY AUTOINCREMENT,
  -- Of a vector that is there, or was.
  vector_id INTEGER NOT NULL UNIQUE
) STRICT;
INSERT INTO vector_log (vector_id) SELECT id FROM vector ORDER BY id;

CREATE TRIGGER vector_log_inserted AFTER INSERT ON vector BEGIN
  INSERT OR REPLACE INTO vector_log (vector_id) VALUES (NEW.id);
END;
CREATE TRIGGER vector_log_deleted AFTER DELETE ON vector BEGIN
  INSERT OR REPLACE INTO vector_log (vector_id) VALUES (OLD.id);
END;
`

/** What people decided about files that are there twice. Nothing is deleted by it. */
const duplicateMarks = `
CREATE TABLE duplicate_mark (
  content_hash TEXT NOT NULL,
  -- The file: two of the same content are marked each. With other content in it, the mark holds no more.
  item INTEGER NOT NULL,
  mark TEXT NOT NULL CHECK (mark IN ('keep', 'duplicate')),
  made_at TEXT NOT NULL,
  PRIMARY KEY (content_hash, item)
) STRICT, WITHOUT ROWID;
CREATE INDEX duplicate_mark_by_mark ON duplicate_mark (mark);
`

/**
 * The library: tables that read well in any SQLite tool. Times of day are ISO 8601 in UTC, times in a file are seconds.
 *
 * - Nothing here is lost for good by deleting rows: the next run writes them again. `spool forget` is for good.
 * - `media.path` follows the file: it has the bytes that the file system gave, which are text unless somebody made them otherwise.
 * - Views and triggers need nothing but SQLite 3.37 with FTS5: one that an older tool can't parse would close the whole file to it.
 *
 * Its steps are never edited, only added to.
 */
export const migrations: ReadonlyArray<Plugin.Migration> = [
  { id: 1, sql: tables + names + search + deletions + moves },
  { id: 2, sql: searchable + movesNamed + facets + reindex },
  { id: 3, sql: asSeen },
  { id: 4, sql: corrections },
  // Whoever follows what is written begins where they left off.
  { id: 5, sql: "CREATE INDEX media_by_change ON media (changed_at, id);" },
  { id: 6, sql: quality },
  { id: 7, sql: vectors },
  { id: 8, sql: artifactPaths },
  { id: 9, sql: questions },
  { id: 10, sql: evidences },
  { id: 11, sql: duplicates },
  { id: 12, sql: vectorLog },
  { id: 13, sql: duplicateMarks },
  { id: 14, sql: movesUnread },
  { id: 15, sql: describedByTags },
  { id: 16, sql: withSigns }
]
