import { SearchText } from "@mediaspool/core"
import { follow } from "./FirstSchema.js"

/** How FTS5 finds words in what {@link SearchText.index} made. */
export const tokenizer = `unicode61 remove_diacritics 2 tokenchars '${SearchText.signs}'`

/**
 * Names as text that we prepared at scan and rename (`item.search_name`), so that this needs nothing but SQLite; of each content under
 * all its names. Parts of words (`wood` of `DoorSlam_Wood01`) lie in columns of their own, which count less.
 */
export const searchable = `
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

/** A file that could not be read when it was looked at again has no content in its row, until it is read: the old one isn't there. */
export const movesUnread = `
CREATE TRIGGER media_follows_unread AFTER UPDATE OF content_hash ON item
WHEN OLD.content_hash IS NOT NULL AND NEW.content_hash IS NOT OLD.content_hash
BEGIN ${followNames.replaceAll("NEW.", "OLD.")}
END;
UPDATE media SET missing = 1 WHERE missing = 0
  AND NOT EXISTS (SELECT 1 FROM item WHERE item.content_hash = media.content_hash AND item.gone_at = 0);
`

export const movesNamed = `
CREATE TRIGGER media_follows_arrival AFTER INSERT ON item WHEN NEW.content_hash IS NOT NULL BEGIN ${followNames}
END;
CREATE TRIGGER media_follows_item AFTER UPDATE OF path, content_hash, gone_at ON item WHEN NEW.content_hash IS NOT NULL
BEGIN ${followNames}
END;
`

/** How many files have each label, kept up to date by triggers: a library of millions isn't counted. */
export const facets = `
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
export const reindex = `
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

/** What a recording says of itself beside its name (description, comment, scene …), of files that were written before that was searched. */
export const describedByTags = `
INSERT INTO document (media_id, pipeline, node, field, terms, parts)
SELECT media_id, pipeline, node, 'other', search_index(words), search_parts(words) FROM (
  SELECT media_id, pipeline, node, group_concat(value, char(10)) AS words FROM (
    SELECT DISTINCT media_id, pipeline, node, tags.value AS value FROM result, json_each(result.json, '$.tags') AS tags
    WHERE kind = 'Probe' AND trim(tags.value) <> '' AND tags.key IN ('album_artist', 'composer', 'author', 'genre', 'description',
      'synopsis', 'comment', 'keywords', 'project', 'scene', 'note')
  ) GROUP BY media_id, pipeline, node
);
UPDATE search SET (other, other_parts) = (SELECT other, other_parts FROM searchable WHERE id = search.rowid)
WHERE rowid IN (SELECT media_id FROM document JOIN result USING (media_id, pipeline, node) WHERE kind = 'Probe' AND field = 'other');
`

/** The same words, with the signs of Indian scripts in them. */
export const withSigns = `
DROP TABLE search;
CREATE VIRTUAL TABLE search USING fts5 (
  name, title, caption, tag, other, name_parts, title_parts, other_parts, tokenize = "${tokenizer}"
);
INSERT INTO search (rowid, name, title, caption, tag, other, name_parts, title_parts, other_parts) SELECT * FROM searchable;
`
