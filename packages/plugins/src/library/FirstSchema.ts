/** The library as its first version made it: frozen, for libraries are made from it step by step. */
export const tables = `
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
export const names = `
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

export const search = `
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
export const reopen = (media: string, pipeline: string) => `
  DELETE FROM receipt WHERE pipeline = ${pipeline}
    AND content_hash = (SELECT content_hash FROM media WHERE id = ${media} AND content_hash NOT IN (SELECT content_hash FROM forgotten));
  DELETE FROM item_state WHERE pipeline = ${pipeline} AND item IN (
    SELECT item.id FROM item JOIN media USING (content_hash)
    WHERE media.id = ${media} AND content_hash NOT IN (SELECT content_hash FROM forgotten)
  );`

export const deletions = `
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

export const follow = `
  UPDATE media SET
    path = coalesce((
      SELECT CAST(item.path AS TEXT) FROM item WHERE item.content_hash = NEW.content_hash AND item.gone_at = 0
      ORDER BY CAST(item.path AS TEXT) = media.path DESC, item.id LIMIT 1
    ), path),
    missing = NOT EXISTS (SELECT 1 FROM item WHERE item.content_hash = NEW.content_hash AND item.gone_at = 0)
  WHERE content_hash = NEW.content_hash;`

/** Files come, go and move without any stage running. */
export const moves = `
CREATE TRIGGER media_follows_arrival AFTER INSERT ON item WHEN NEW.content_hash IS NOT NULL BEGIN ${follow}
END;
CREATE TRIGGER media_follows_item AFTER UPDATE OF path, content_hash, gone_at ON item WHEN NEW.content_hash IS NOT NULL BEGIN ${follow}
END;
`
