/**
 * What people said of the models' words, and what is doubtful about these. Keyed by content, so that neither a rerun nor
 * `spool forget` and its undoing loses a word of it.
 *
 * - `correction`: a person's word on what a node said of a content. One stands (`ended_at IS NULL`); the others are its history.
 * - An accepted or corrected one is *pinned*: its rows stand in `caption` and `tag` in place of the model's, whatever a later run
 *   writes there; the model's own are kept in `model_word`. Whoever reads those tables, exports and search too, needs to know
 *   nothing of it. When a correction ends, the model's rows come back.
 * - `doubt`: why a result should be looked at. Anybody may add rows, with a `reason` of their own.
 */
const tables = `
CREATE TABLE correction (
  id INTEGER PRIMARY KEY,
  content_hash TEXT NOT NULL,
  pipeline TEXT NOT NULL,
  node TEXT NOT NULL,
  kind TEXT NOT NULL CHECK (kind IN ('caption', 'tags')),
  -- accepted: what the model said holds. corrected: this holds instead. redo: the model is asked again. skipped: not judged.
  verdict TEXT NOT NULL CHECK (verdict IN ('accepted', 'corrected', 'redo', 'skipped')),
  -- For the model, when it is asked again.
  note TEXT,
  -- JSON: the rows that hold, {"captions": [...], "tags": [...], "terms", "parts"}; the last two are what is searched.
  word TEXT NOT NULL,
  -- The same of the model, as it said it last.
  model_word TEXT NOT NULL,
  -- The correction in whose place this one came.
  replaces INTEGER REFERENCES correction (id),
  -- Tells one edit from another.
  edit TEXT NOT NULL UNIQUE,
  made_at TEXT NOT NULL,
  -- NULL: it stands.
  ended_at TEXT
) STRICT;
CREATE UNIQUE INDEX correction_standing ON correction (content_hash, pipeline, node) WHERE ended_at IS NULL;
CREATE INDEX correction_by_content ON correction (content_hash, id);
CREATE INDEX correction_by_time ON correction (made_at);

CREATE VIEW pinned AS SELECT media.id AS media_id, correction.*
FROM correction JOIN media USING (content_hash) WHERE ended_at IS NULL AND verdict IN ('accepted', 'corrected');

CREATE TABLE doubt (
  content_hash TEXT NOT NULL,
  pipeline TEXT NOT NULL,
  node TEXT NOT NULL,
  -- A short name: low-confidence.
  reason TEXT NOT NULL,
  -- In words.
  detail TEXT NOT NULL,
  -- JSON: what the words are made of, for other languages.
  figures TEXT NOT NULL DEFAULT '{}',
  -- NULL: the whole file.
  start_seconds REAL,
  end_seconds REAL,
  -- 0 to 1: the heaviest are asked about first.
  weight REAL NOT NULL,
  found_at TEXT NOT NULL,
  PRIMARY KEY (content_hash, pipeline, node, reason)
) STRICT, WITHOUT ROWID;

-- What waits to be judged: a doubt goes with a person's word, and comes back when it is found again after a skip or a redo.
CREATE VIEW doubt_now AS SELECT media.id AS media_id, doubt.*
FROM doubt JOIN media USING (content_hash) WHERE NOT EXISTS (
  SELECT 1 FROM correction WHERE correction.content_hash = doubt.content_hash AND correction.pipeline = doubt.pipeline
    AND correction.node = doubt.node AND ended_at IS NULL AND (verdict IN ('accepted', 'corrected') OR made_at >= found_at)
);
`

const captionColumns = ["kind", "text", "model", "provider", "start_seconds", "end_seconds", "language", "omitted", "changes"]
const tagColumns = [
  "vocabulary",
  "vocabulary_version",
  "label",
  "raw",
  "raw_term",
  "confidence",
  "evidence",
  "start_seconds",
  "end_seconds",
  "model",
  "provider"
]

const object = (columns: ReadonlyArray<string>): string =>
  `json_object(${columns.map((name) => `'${name}', ${name}`).join(", ")})`

/** A node's rows as JSON, in their order. `of` names a row with content_hash, pipeline and node. */
export const rowsJson = (of: string): string => {
  const rows = (table: string, columns: ReadonlyArray<string>) => `(SELECT json_group_array(json(row)) FROM (
      SELECT ${object(columns)} AS row FROM ${table} WHERE media_id = (SELECT id FROM media WHERE content_hash = ${of}.content_hash)
        AND pipeline = ${of}.pipeline AND node = ${of}.node ORDER BY id))`
  const document = (column: string) => `(SELECT ${column} FROM document
      WHERE media_id = (SELECT id FROM media WHERE content_hash = ${of}.content_hash) AND pipeline = ${of}.pipeline
        AND node = ${of}.node AND field IN ('caption', 'tag') LIMIT 1)`
  return `json_object('captions', ${rows("caption", captionColumns)}, 'tags', ${rows("tag", tagColumns)},
    'terms', coalesce(${document("terms")}, ''), 'parts', coalesce(${document("parts")}, ''))`
}

const PLACE = (of: string) =>
  `media_id = (SELECT id FROM media WHERE content_hash = ${of}.content_hash) AND pipeline = ${of}.pipeline AND node = ${of}.node`

const insert = (of: string, word: string, table: string, list: string, columns: ReadonlyArray<string>) => `
  INSERT INTO ${table} (media_id, pipeline, node, ${columns.join(", ")})
  SELECT (SELECT id FROM media WHERE content_hash = ${of}.content_hash), ${of}.pipeline, ${of}.node,
    ${columns.map((name) => `json_extract(value, '$.${name}')`).join(", ")}
  FROM json_each(${of}.${word}, '$.${list}')
  WHERE EXISTS (SELECT 1 FROM media WHERE content_hash = ${of}.content_hash);`

/** Puts the rows of `word` or `model_word` in the place of those that are there. */
const put = (of: string, word: "word" | "model_word") => `
  DELETE FROM caption WHERE ${PLACE(of)};
  DELETE FROM tag WHERE ${PLACE(of)};
  DELETE FROM document WHERE ${PLACE(of)} AND field IN ('caption', 'tag');
  ${insert(of, word, "caption", "captions", captionColumns)}
  ${insert(of, word, "tag", "tags", tagColumns)}
  INSERT INTO document (media_id, pipeline, node, field, terms, parts)
  SELECT (SELECT id FROM media WHERE content_hash = ${of}.content_hash), ${of}.pipeline, ${of}.node,
    CASE ${of}.kind WHEN 'tags' THEN 'tag' ELSE 'caption' END, json_extract(${of}.${word}, '$.terms'), json_extract(${of}.${word}, '$.parts')
  WHERE json_extract(${of}.${word}, '$.terms') <> '' AND EXISTS (SELECT 1 FROM media WHERE content_hash = ${of}.content_hash);
  DELETE FROM search WHERE rowid = (SELECT id FROM media WHERE content_hash = ${of}.content_hash);
  INSERT INTO search (rowid, name, title, caption, tag, other, name_parts, title_parts, other_parts)
    SELECT * FROM searchable WHERE id = (SELECT id FROM media WHERE content_hash = ${of}.content_hash);`

const PINNED = (of: string) => `${of}.ended_at IS NULL AND ${of}.verdict IN ('accepted', 'corrected')`

/**
 * Pins by triggers, in the transaction of whoever writes: a correction that comes or comes back, one that ends, and a sink that has
 * written the model's rows anew (its receipt is its last statement).
 */
const pins = `
CREATE TRIGGER correction_made AFTER INSERT ON correction WHEN ${PINNED("NEW")} BEGIN ${put("NEW", "word")}
  -- As the tables have it now: so that a later look at them sees whether somebody else has written there.
  UPDATE correction SET word = ${rowsJson("correction")}
  WHERE id = NEW.id AND EXISTS (SELECT 1 FROM media WHERE content_hash = NEW.content_hash);
END;
CREATE TRIGGER correction_back AFTER UPDATE OF ended_at ON correction WHEN OLD.ended_at IS NOT NULL AND ${PINNED("NEW")} BEGIN
  ${put("NEW", "word")}
END;
CREATE TRIGGER correction_ended AFTER UPDATE OF ended_at ON correction WHEN ${PINNED("OLD")} AND NEW.ended_at IS NOT NULL BEGIN
  ${put("OLD", "model_word")}
END;
-- The model's word is kept as it is now, and the person's put back.
CREATE TRIGGER correction_again AFTER UPDATE OF model_word ON correction WHEN ${PINNED("NEW")} BEGIN ${put("NEW", "word")}
END;
${["INSERT", "UPDATE"]
  .map(
    (event) => `CREATE TRIGGER receipt_${event.toLowerCase()}_pins AFTER ${event} ON receipt
WHEN EXISTS (SELECT 1 FROM pinned WHERE content_hash = NEW.content_hash AND pipeline = NEW.pipeline) BEGIN
  UPDATE correction SET model_word = ${rowsJson("correction")}
  WHERE content_hash = NEW.content_hash AND pipeline = NEW.pipeline AND ended_at IS NULL AND verdict IN ('accepted', 'corrected')
    AND word <> ${rowsJson("correction")};
END;`
  )
  .join("\n")}

-- Rows that make room for a pinned word are no work for the next run.
${["caption", "tag"]
  .map(
    (table) => `DROP TRIGGER ${table}_deleted;
CREATE TRIGGER ${table}_deleted AFTER DELETE ON ${table}
WHEN NOT EXISTS (SELECT 1 FROM pinned WHERE ${["media_id", "pipeline", "node"].map((name) => `${name} = OLD.${name}`).join(" AND ")}) BEGIN
  DELETE FROM document WHERE media_id = OLD.media_id AND pipeline = OLD.pipeline AND node = OLD.node;
  DELETE FROM receipt WHERE pipeline = OLD.pipeline
    AND content_hash = (SELECT content_hash FROM media WHERE id = OLD.media_id AND content_hash NOT IN (SELECT content_hash FROM forgotten));
  DELETE FROM item_state WHERE pipeline = OLD.pipeline AND item IN (
    SELECT item.id FROM item JOIN media USING (content_hash)
    WHERE media.id = OLD.media_id AND content_hash NOT IN (SELECT content_hash FROM forgotten)
  );
END;`
  )
  .join("\n")}
`

export const corrections = tables + pins
