import type { Plugin } from "@mediaspool/core"
import { corrections } from "./CorrectionSchema.js"

/**
 * The library: tables that read well in any SQLite tool. Times of day are ISO 8601 in UTC, times in a file are seconds.
 *
 * - Nothing here is lost for good by deleting rows: the next run writes them again. `spool forget` is for good.
 * - `media.path` follows the file: it has the bytes that the file system gave, which are text unless somebody made them otherwise.
 * - Views and triggers need nothing but SQLite 3.37 with FTS5: one that an older tool can't parse would close the whole file to it.
 */
const tables = `
CREATE TABLE media (
  id INTEGER PRIMARY KEY,
  -- sha-256 in hex: one row for each content, however many files have it.
  content_hash TEXT NOT NULL UNIQUE,
  -- Absolute; of several files with this content the first that is there.
  path TEXT NOT NULL,
  -- 1 while no file with this content is there.
  missing INTEGER NOT NULL DEFAULT 0,
  size_bytes INTEGER NOT NULL,
  media_type TEXT NOT NULL,
  duration_seconds REAL,
  sample_rate INTEGER,
  channels INTEGER,
  container TEXT,
  audio_codec TEXT,
  video_codec TEXT,
  bit_rate INTEGER,
  width INTEGER,
  height INTEGER,
  frame_rate REAL,
  -- From the file's own tags.
  title TEXT,
  artist TEXT,
  album TEXT,
  added_at TEXT NOT NULL,
  changed_at TEXT NOT NULL
) STRICT;

CREATE TABLE caption (
  id INTEGER PRIMARY KEY,
  media_id INTEGER NOT NULL REFERENCES media (id),
  pipeline TEXT NOT NULL,
  node TEXT NOT NULL,
  -- Caption, or CleanCaption after post-process.
  kind TEXT NOT NULL,
  text TEXT NOT NULL,
  model TEXT NOT NULL,
  provider TEXT NOT NULL,
  -- NULL: the whole file.
  start_seconds REAL,
  end_seconds REAL,
  -- BCP 47, where somebody found out.
  language TEXT,
  -- JSON, of the whole file's caption: stretches that nobody described and why; what post-process changed.
  omitted TEXT,
  changes TEXT
) STRICT;
CREATE INDEX caption_by_media ON caption (media_id, pipeline, node);

CREATE TABLE tag (
  id INTEGER PRIMARY KEY,
  media_id INTEGER NOT NULL REFERENCES media (id),
  pipeline TEXT NOT NULL,
  node TEXT NOT NULL,
  -- emotion
  vocabulary TEXT NOT NULL,
  -- 1; NULL where the vocabulary has none.
  vocabulary_version TEXT,
  label TEXT NOT NULL,
  -- The model's own word.
  raw TEXT NOT NULL,
  -- 0 to 1
  confidence REAL,
  evidence TEXT,
  -- NULL: the whole file.
  start_seconds REAL,
  end_seconds REAL,
  model TEXT NOT NULL,
  provider TEXT NOT NULL
) STRICT;
CREATE INDEX tag_by_media ON tag (media_id, pipeline, node);
CREATE INDEX tag_by_label ON tag (vocabulary, label, media_id);

-- What is neither caption nor tag, by its kind. Files are named by their path in the state folder.
CREATE TABLE result (
  media_id INTEGER NOT NULL REFERENCES media (id),
  pipeline TEXT NOT NULL,
  node TEXT NOT NULL,
  kind TEXT NOT NULL,
  json TEXT NOT NULL,
  PRIMARY KEY (media_id, pipeline, node)
) STRICT, WITHOUT ROWID;
CREATE INDEX result_by_kind ON result (kind, media_id);

CREATE VIEW acoustics AS SELECT
  media_id, pipeline, node,
  json_extract(json, '$.integratedLoudness') AS integrated_loudness,
  json_extract(json, '$.loudnessRange') AS loudness_range,
  json_extract(json, '$.truePeak') AS true_peak,
  json_extract(json, '$.samplePeak') AS sample_peak,
  json_extract(json, '$.rmsLevel') AS rms_level,
  json_extract(json, '$.silenceRatio') AS silence_ratio,
  json_extract(json, '$.clippedSamples') AS clipped_samples,
  json_extract(json, '$.brightness') AS brightness,
  json_extract(json, '$.noisiness') AS noisiness,
  json_extract(json, '$.tempo.beatsPerMinute') AS beats_per_minute,
  json_extract(json, '$.tempo.confidence') AS tempo_confidence,
  json_extract(json, '$.key.tonic') || ' ' || json_extract(json, '$.key.mode') AS musical_key,
  json_extract(json, '$.key.confidence') AS key_confidence
FROM result WHERE kind = 'Acoustics';

-- What 'persist' has written: 'key' stands for everything that went into it.
CREATE TABLE receipt (
  content_hash TEXT NOT NULL,
  pipeline TEXT NOT NULL,
  node TEXT NOT NULL,
  key TEXT NOT NULL,
  -- JSON: the nodes whose rows it wrote.
  nodes TEXT NOT NULL,
  written_at TEXT NOT NULL,
  PRIMARY KEY (content_hash, pipeline, node)
) STRICT, WITHOUT ROWID;

CREATE INDEX receipt_by_key ON receipt (key);

-- Content that nobody wants here any more.
CREATE TABLE forgotten (
  content_hash TEXT PRIMARY KEY,
  forgotten_at TEXT NOT NULL
) STRICT, WITHOUT ROWID;
`

/** Scripts that the first version knew: frozen with it. */
const scripts = "12293-12295 12352-12687 12704-12735 12784-12799 13312-19903 19968-40959 44032-55203 63744-64255 131072-205743"
const bigramSql = (expression: string): string =>
  `(${scripts
    .split(" ")
    .map((range) => `unicode(${expression}) BETWEEN ${range.replace("-", " AND ")}`)
    .join(" OR ")})`

/** The words of a file's name as the first version made them ready, in SQL. */
const FILE_NAME = "replace(path, rtrim(path, replace(path, '/', '')), '')"
const names = `
CREATE VIEW media_name AS SELECT
  id,
  CASE WHEN path NOT GLOB '*[^ -~]*' THEN ${FILE_NAME} ELSE (
    WITH RECURSIVE
      place (text, i) AS (SELECT ${FILE_NAME}, 1 UNION ALL SELECT text, i + 1 FROM place WHERE i < length(text)),
      character (i, c, next) AS (SELECT i, substr(text, i, 1), substr(text, i + 1, 1) FROM place)
    SELECT group_concat(part, '') FROM (
      SELECT CASE WHEN ${bigramSql("c")} THEN ' ' || c || CASE WHEN ${bigramSql("next")} THEN next ELSE '' END || ' ' ELSE c END AS part
      FROM character ORDER BY i
    )
  ) END AS terms
FROM media;
`

const search = `
-- Text for the full-text search: what 'field' of 'searchable' a node's rows say.
CREATE TABLE document (
  media_id INTEGER NOT NULL REFERENCES media (id),
  pipeline TEXT NOT NULL,
  node TEXT NOT NULL,
  field TEXT NOT NULL CHECK (field IN ('title', 'caption', 'tag', 'other')),
  -- Runs of Chinese, Japanese and Korean as overlapping pairs.
  terms TEXT NOT NULL
) STRICT;
CREATE UNIQUE INDEX document_by_media ON document (media_id, pipeline, node, field);

CREATE VIEW searchable AS SELECT
  id,
  (SELECT terms FROM media_name WHERE media_name.id = media.id) AS name,
  (SELECT group_concat(terms, ' ') FROM document WHERE media_id = id AND field = 'title') AS title,
  (SELECT group_concat(terms, ' ') FROM document WHERE media_id = id AND field = 'caption') AS caption,
  (SELECT group_concat(terms, ' ') FROM document WHERE media_id = id AND field = 'tag') AS tag,
  (SELECT group_concat(terms, ' ') FROM document WHERE media_id = id AND field = 'other') AS other
FROM media;

-- Made anew from 'searchable' by whoever adds documents; here only where rows go.
CREATE VIRTUAL TABLE search USING fts5 (name, title, caption, tag, other, tokenize = 'unicode61 remove_diacritics 2');

CREATE TRIGGER search_media_moved AFTER UPDATE OF path ON media WHEN NEW.path IS NOT OLD.path BEGIN
  UPDATE search SET name = (SELECT terms FROM media_name WHERE id = NEW.id) WHERE rowid = NEW.id;
END;
CREATE TRIGGER search_document_deleted AFTER DELETE ON document BEGIN
  UPDATE search SET (title, caption, tag, other) = (SELECT title, caption, tag, other FROM searchable WHERE id = OLD.media_id)
  WHERE rowid = OLD.media_id;
END;
`

/** What makes the next run look at the content again, and write what is missing. */
const reopen = (media: string, pipeline: string) => `
  DELETE FROM receipt WHERE pipeline = ${pipeline}
    AND content_hash = (SELECT content_hash FROM media WHERE id = ${media} AND content_hash NOT IN (SELECT content_hash FROM forgotten));
  DELETE FROM item_state WHERE pipeline = ${pipeline} AND item IN (
    SELECT item.id FROM item JOIN media USING (content_hash)
    WHERE media.id = ${media} AND content_hash NOT IN (SELECT content_hash FROM forgotten)
  );`

const deletions = `
${["caption", "tag", "result"]
  .map(
    (table) => `CREATE TRIGGER ${table}_deleted AFTER DELETE ON ${table} BEGIN
  DELETE FROM document WHERE media_id = OLD.media_id AND pipeline = OLD.pipeline AND node = OLD.node;
  ${reopen("OLD.media_id", "OLD.pipeline")}
END;`
  )
  .join("\n")}
CREATE TRIGGER media_deleted BEFORE DELETE ON media BEGIN
  DELETE FROM caption WHERE media_id = OLD.id;
  DELETE FROM tag WHERE media_id = OLD.id;
  DELETE FROM result WHERE media_id = OLD.id;
  DELETE FROM document WHERE media_id = OLD.id;
  DELETE FROM search WHERE rowid = OLD.id;
  DELETE FROM item_state WHERE item IN (SELECT id FROM item WHERE content_hash = OLD.content_hash)
    AND pipeline IN (SELECT pipeline FROM receipt WHERE content_hash = OLD.content_hash)
    AND OLD.content_hash NOT IN (SELECT content_hash FROM forgotten);
  DELETE FROM receipt WHERE content_hash = OLD.content_hash AND content_hash NOT IN (SELECT content_hash FROM forgotten);
END;
`

const follow = `
  UPDATE media SET
    path = coalesce((
      SELECT CAST(item.path AS TEXT) FROM item WHERE item.content_hash = NEW.content_hash AND item.gone_at = 0
      ORDER BY CAST(item.path AS TEXT) = media.path DESC, item.id LIMIT 1
    ), path),
    missing = NOT EXISTS (SELECT 1 FROM item WHERE item.content_hash = NEW.content_hash AND item.gone_at = 0)
  WHERE content_hash = NEW.content_hash;`

/** Files come, go and move without any stage running. */
const moves = `
CREATE TRIGGER media_follows_arrival AFTER INSERT ON item WHEN NEW.content_hash IS NOT NULL BEGIN ${follow}
END;
CREATE TRIGGER media_follows_item AFTER UPDATE OF path, content_hash, gone_at ON item WHEN NEW.content_hash IS NOT NULL BEGIN ${follow}
END;
`

/**
 * Names as text that we prepared at scan and rename (`item.search_name`), so that this needs nothing but SQLite; of each content under
 * all its names. Parts of words (`wood` of `DoorSlam_Wood01`) lie in columns of their own, which count less.
 */
const searchable = `
DROP TRIGGER search_media_moved;
DROP TRIGGER search_document_deleted;
DROP TRIGGER media_follows_arrival;
DROP TRIGGER media_follows_item;
DROP VIEW searchable;
DROP VIEW media_name;
DROP TABLE search;
ALTER TABLE document ADD COLUMN parts TEXT NOT NULL DEFAULT '';

CREATE VIEW media_name AS SELECT
  id,
  (SELECT group_concat(search_name, ' ') FROM (SELECT DISTINCT search_name FROM item WHERE item.content_hash = media.content_hash
    AND (gone_at = 0 OR (missing = 1 AND CAST(item.path AS TEXT) = media.path)))) AS terms,
  (SELECT group_concat(search_parts, ' ') FROM (SELECT DISTINCT search_parts FROM item WHERE item.content_hash = media.content_hash
    AND (gone_at = 0 OR (missing = 1 AND CAST(item.path AS TEXT) = media.path)))) AS parts
FROM media;

CREATE VIEW searchable AS SELECT
  media.id AS id,
  media_name.terms AS name,
  (SELECT group_concat(terms, ' ') FROM document WHERE media_id = media.id AND field = 'title') AS title,
  (SELECT group_concat(terms, ' ') FROM document WHERE media_id = media.id AND field = 'caption') AS caption,
  (SELECT group_concat(terms, ' ') FROM document WHERE media_id = media.id AND field = 'tag') AS tag,
  (SELECT group_concat(terms, ' ') FROM document WHERE media_id = media.id AND field = 'other') AS other,
  media_name.parts AS name_parts,
  (SELECT group_concat(parts, ' ') FROM document WHERE media_id = media.id AND field = 'title' AND parts <> '') AS title_parts,
  (SELECT group_concat(parts, ' ') FROM document WHERE media_id = media.id AND field <> 'title' AND parts <> '') AS other_parts
FROM media JOIN media_name USING (id);

-- Written again from 'searchable' whenever documents are added; the triggers here only meet what others do.
CREATE VIRTUAL TABLE search USING fts5 (
  name, title, caption, tag, other, name_parts, title_parts, other_parts, tokenize = 'unicode61 remove_diacritics 2'
);

CREATE TRIGGER search_document_deleted AFTER DELETE ON document BEGIN
  UPDATE search SET (title, caption, tag, other, title_parts, other_parts) =
    (SELECT title, caption, tag, other, title_parts, other_parts FROM searchable WHERE id = OLD.media_id)
  WHERE rowid = OLD.media_id;
END;
`

const followNames = `${follow}
  UPDATE search SET (name, name_parts) = (SELECT terms, parts FROM media_name WHERE id = search.rowid)
  WHERE rowid = (SELECT id FROM media WHERE content_hash = NEW.content_hash)
    AND name IS NOT (SELECT terms FROM media_name WHERE id = search.rowid);`

const movesNamed = `
CREATE TRIGGER media_follows_arrival AFTER INSERT ON item WHEN NEW.content_hash IS NOT NULL BEGIN ${followNames}
END;
CREATE TRIGGER media_follows_item AFTER UPDATE OF path, content_hash, gone_at ON item WHEN NEW.content_hash IS NOT NULL
BEGIN ${followNames}
END;
`

/** How many files have each label, kept up to date by triggers: a library of millions isn't counted. */
const facets = `
CREATE TABLE facet (
  vocabulary TEXT NOT NULL,
  label TEXT NOT NULL,
  files INTEGER NOT NULL,
  PRIMARY KEY (vocabulary, label)
) STRICT, WITHOUT ROWID;
INSERT INTO facet SELECT vocabulary, label, count(DISTINCT media_id) FROM tag GROUP BY vocabulary, label;

CREATE TRIGGER facet_tag_added AFTER INSERT ON tag
WHEN (SELECT count(*) FROM (SELECT 1 FROM tag WHERE vocabulary = NEW.vocabulary AND label = NEW.label AND media_id = NEW.media_id LIMIT 2)) = 1
BEGIN
  INSERT INTO facet VALUES (NEW.vocabulary, NEW.label, 1) ON CONFLICT DO UPDATE SET files = files + 1;
END;
CREATE TRIGGER facet_tag_deleted AFTER DELETE ON tag
WHEN NOT EXISTS (SELECT 1 FROM tag WHERE vocabulary = OLD.vocabulary AND label = OLD.label AND media_id = OLD.media_id)
BEGIN
  UPDATE facet SET files = files - 1 WHERE vocabulary = OLD.vocabulary AND label = OLD.label;
  DELETE FROM facet WHERE vocabulary = OLD.vocabulary AND label = OLD.label AND files <= 0;
END;
CREATE TRIGGER facet_tag_changed AFTER UPDATE OF vocabulary, label, media_id ON tag BEGIN
  DELETE FROM facet WHERE (vocabulary, label) IN (VALUES (OLD.vocabulary, OLD.label), (NEW.vocabulary, NEW.label));
  INSERT INTO facet SELECT vocabulary, label, count(DISTINCT media_id) FROM tag
    WHERE (vocabulary, label) IN (VALUES (OLD.vocabulary, OLD.label), (NEW.vocabulary, NEW.label)) GROUP BY vocabulary, label;
END;

-- The model's own word, folded and with _ between its words, where it is another than the label.
ALTER TABLE tag ADD COLUMN raw_term TEXT;
UPDATE tag SET raw_term = nullif(search_term(raw), search_term(label)) WHERE raw <> label;
CREATE INDEX tag_by_raw ON tag (vocabulary, raw_term, media_id) WHERE raw_term IS NOT NULL;
CREATE INDEX media_by_path ON media (path);
`

/** What older versions indexed, as it is indexed now: from the rows, with functions that only a migration has. */
const reindex = `
UPDATE document SET
  terms = search_index(words), parts = search_parts(words)
FROM (
  SELECT media_id, pipeline, node, 'caption' AS field, group_concat(text, char(10)) AS words
  FROM (SELECT DISTINCT media_id, pipeline, node, text FROM caption) GROUP BY media_id, pipeline, node
  UNION ALL SELECT media_id, pipeline, node, 'tag', group_concat(word, char(10)) FROM (
    SELECT media_id, pipeline, node, label AS word FROM tag UNION SELECT media_id, pipeline, node, raw FROM tag
  ) GROUP BY media_id, pipeline, node
  UNION ALL SELECT media_id, pipeline, node, 'title', group_concat(value, char(10)) FROM (
    SELECT media_id, pipeline, node, tags.value AS value FROM result, json_each(result.json, '$.tags') AS tags
    WHERE kind = 'Probe' AND tags.key IN ('title', 'artist', 'album')
  ) GROUP BY media_id, pipeline, node
  UNION ALL SELECT media_id, pipeline, node, 'other', group_concat(value, char(10)) FROM (
    SELECT DISTINCT media_id, pipeline, node, words.value AS value FROM result, json_tree(result.json) AS words
    WHERE kind <> 'Probe' AND words.key IN ('text', 'title') AND words.type = 'text'
  ) GROUP BY media_id, pipeline, node
) AS said
WHERE document.media_id = said.media_id AND document.pipeline = said.pipeline AND document.node = said.node
  AND document.field = said.field;
INSERT INTO search (rowid, name, title, caption, tag, other, name_parts, title_parts, other_parts) SELECT * FROM searchable;
`

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

/** Steps of the library's tables. Never edited, only added to. */
export const migrations: ReadonlyArray<Plugin.Migration> = [
  { id: 1, sql: tables + names + search + deletions + moves },
  { id: 2, sql: searchable + movesNamed + facets + reindex },
  { id: 3, sql: asSeen },
  { id: 4, sql: corrections },
  // Whoever follows what is written begins where they left off.
  { id: 5, sql: "CREATE INDEX media_by_change ON media (changed_at, id);" },
  { id: 6, sql: quality },
  { id: 7, sql: vectors },
  { id: 8, sql: artifactPaths }
]
