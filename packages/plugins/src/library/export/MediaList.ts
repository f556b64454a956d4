/** A table whose rows belong to media, and what of them is exported. */
interface MediaList {
  readonly table: string
  readonly columns: string
}

export const CAPTIONS: MediaList = {
  table: "caption",
  columns: "pipeline node kind text model provider language start_seconds end_seconds"
}

export const TAGS: MediaList = {
  table: "tag",
  columns: "pipeline node vocabulary vocabulary_version label raw confidence evidence start_seconds end_seconds model"
}

/** Rows as one JSON array, in the order in which they are exported. */
const arrayOf = ({ columns }: MediaList): string => {
  const fields = columns.split(" ").map((name) => `'${name}', ${name}`)
  return `json_group_array(json_object(${fields.join(", ")}) ORDER BY pipeline, node, start_seconds IS NOT NULL, start_seconds, id)`
}

/** The rows of a row of `media`. */
export const listOf = (list: MediaList): string => `(SELECT ${arrayOf(list)} FROM ${list.table} WHERE media_id = media.id)`

/** The rows of the media that are asked for, by media, and how many they are. */
export const listsOf = (list: MediaList): string =>
  `SELECT media_id, ${arrayOf(list)} AS list, count(*) AS count FROM ${list.table}
   WHERE media_id IN (SELECT value FROM json_each(?)) GROUP BY media_id`
