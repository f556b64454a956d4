import { SearchText } from "@mediaspool/core"
import type { DateField, NumberField } from "./QueryField.js"
import type { Range } from "./Range.js"
import { between, joined, like, not, ofItems, part, type Part, type Universe } from "./SqlPart.js"

/** A text column as it is compared: what isn't ASCII is stored folded by us. */
const ITEM_PATH = "coalesce(item.search_path, CAST(item.path AS TEXT))"
export const ITEM_NAME = "item.search_name || ' ' || coalesce(item.search_parts, '')"

/** Money that the attempts of a file cost, a row a currency. */
const spent = ({ least, most }: Range, unit: string | undefined): Part => {
  const having = between("sum(CAST(amount AS REAL))", { least, most })
  return part(
    `item.id IN (SELECT item FROM attempt WHERE amount IS NOT NULL ${unit === undefined ? "" : "AND upper(currency) = ?"}
      GROUP BY item, currency HAVING ${having.sql})`,
    ...(unit === undefined ? [] : [unit]),
    ...having.values
  )
}

/** The share of a file that spans of speech cover. */
const SPEECH = `coalesce((SELECT sum(end_seconds - start_seconds) FROM tag
    WHERE tag.media_id = media.id AND vocabulary = 'speech' AND end_seconds > start_seconds) / media.duration_seconds, 0)`
const HAS_SPEECH = "media.id IN (SELECT media_id FROM tag WHERE vocabulary = 'speech')"

const acoustics =
  (column: string) =>
  (range: Range): Part => {
    const { sql, values } = between(`acoustics.${column}`, range)
    return part(`media.id IN (SELECT media_id FROM acoustics WHERE ${sql})`, ...values)
  }

const recorded =
  (expression: string) =>
  (range: Range): Part => {
    const { sql, values } = between(expression, range)
    return part(`media.id IN (SELECT media_id FROM quality WHERE ${sql})`, ...values)
  }

const DOUBTS = "(SELECT count(*) FROM evidence WHERE evidence.media_id = media.id AND verdict = 'contradicts')"

/** Claims that are contradicted, of files whose claims were checked. A range has its bounds in it: `>0` is from 0 on, and means one at least. */
const doubted = ({ least, most }: Range): Part =>
  least === 0 && most === Infinity
    ? part("media.id IN (SELECT media_id FROM evidence WHERE verdict = 'contradicts')")
    : joined([part("media.id IN (SELECT media_id FROM result WHERE kind = 'Evidence')"), between(DOUBTS, { least, most })], "AND")

/** Conditions of the fields that are numbers. */
export const numbers: Readonly<Record<NumberField, (range: Range, universe: Universe, unit: string | undefined) => Part>> = {
  duration: (range) => between("media.duration_seconds", range),
  size: (range, universe) => between(universe === "item" ? "item.size" : "media.size_bytes", range),
  channels: (range) => between("media.channels", range),
  rate: (range) => between("media.sample_rate", range),
  tempo: acoustics("beats_per_minute"),
  loudness: acoustics("integrated_loudness"),
  cost: (range, universe, unit) => ofItems(universe, spent(range, unit)),
  speech: (range) => (range.least <= 0 ? between(SPEECH, range) : joined([part(HAS_SPEECH), between(SPEECH, range)], "AND")),
  snr: recorded("quality.snr"),
  bandwidth: recorded("quality.bandwidth"),
  hum: recorded("quality.hum"),
  clipping: recorded("quality.clipping"),
  offset: recorded("abs(quality.dc_offset)"),
  balance: recorded("abs(quality.balance)"),
  doubt: doubted
}

/** Columns of the fields that are dates: ISO 8601. */
export const dates: Readonly<Record<DateField, string>> = { added: "media.added_at", changed: "media.changed_at" }

const failed = (value: string, pattern: string): Part =>
  value === "yes" || value === "any" || pattern === "%"
    ? part("item.id IN (SELECT item FROM failure)")
    : part(
        `item.id IN (SELECT item FROM failure WHERE code LIKE ? ESCAPE '\\' OR node LIKE ? ESCAPE '\\' OR stage LIKE ? ESCAPE '\\')`,
        pattern,
        pattern,
        pattern
      )

/** Contents with rows from a node whose name fits. */
const fromNode = (pattern: string): Part =>
  joined(
    ["caption", "tag", "result"].map((table) =>
      part(`media.id IN (SELECT media_id FROM ${table} WHERE node LIKE ? ESCAPE '\\')`, pattern)
    ),
    "OR"
  )

const has = (value: string, universe: Universe): Part => {
  const pattern = like(value)
  switch (value.toLowerCase()) {
    case "caption":
      return part("media.id IN (SELECT media_id FROM caption)")
    case "tags":
    case "tag":
      return part("media.id IN (SELECT media_id FROM tag)")
    case "title":
      return part("media.title IS NOT NULL")
    case "audio":
      return part("media.audio_codec IS NOT NULL")
    case "video":
      return part("media.video_codec IS NOT NULL")
    case "failure":
      return ofItems(universe, failed("yes", "%"))
    case "file":
      return universe === "item" ? part("item.gone_at = 0") : part("media.missing = 0")
    default:
      return joined(
        [
          part(
            "media.id IN (SELECT media_id FROM tag WHERE vocabulary LIKE ? ESCAPE '\\' OR vocabulary LIKE ? ESCAPE '\\')",
            pattern,
            `${pattern}s`
          ),
          part("media.id IN (SELECT media_id FROM result WHERE kind LIKE ? ESCAPE '\\')", pattern),
          fromNode(pattern)
        ],
        "OR"
      )
  }
}

const COPIES = "media.content_hash IN (SELECT content_hash FROM item WHERE gone_at = 0 GROUP BY content_hash HAVING count(*) > 1)"

/** Files with a mark, of the content that they have now. */
const MARKED = "item.id IN (SELECT item FROM duplicate_mark WHERE duplicate_mark.content_hash = item.content_hash AND mark = ?)"

const duplicated = (how: string, universe: Universe): Part => {
  if (how === "kept") return ofItems(universe, part(MARKED, "keep"))
  if (how === "marked") {
    const marked = ofItems(universe, part(MARKED, "duplicate"))
    // A content is a duplicate when each file that has it is.
    return universe === "item" ? marked : joined([marked, not(ofItems(universe, part(`NOT (${MARKED})`, "duplicate")))], "AND")
  }
  if (how === "content") return part(COPIES)
  if (how === "audio" || how === "near") return part("media.id IN (SELECT media_id FROM duplicate WHERE how = ?)", how)
  const twice = part(`${COPIES} OR media.id IN (SELECT media_id FROM duplicate)`)
  return how === "no" ? not(twice) : twice
}

/** Conditions of the fields that are words. */
export const values: Readonly<Record<string, (value: string, prefix: boolean, universe: Universe) => Part>> = {
  path: (value, _, universe) => {
    const pattern = `%${like(SearchText.fold(value))}%`
    const ofCopies = ofItems(universe, part(`${ITEM_PATH} LIKE ? ESCAPE '\\'`, pattern))
    // A file that is gone has its last path.
    return universe === "item" ? ofCopies : joined([part("media.path LIKE ? ESCAPE '\\'", pattern), ofCopies], "OR")
  },
  type: (value) => {
    const type = like(value.toLowerCase())
    return part(
      "media.media_type LIKE ? ESCAPE '\\' OR media.media_type LIKE ? ESCAPE '\\' OR media.container LIKE ? ESCAPE '\\'",
      `${type}/%`,
      `%${type}`,
      type
    )
  },
  pipeline: (value, prefix) =>
    part(
      "media.content_hash IN (SELECT content_hash FROM receipt WHERE pipeline LIKE ? ESCAPE '\\')",
      `${like(value)}${prefix ? "%" : ""}`
    ),
  model: (value) => {
    const pattern = `%${like(value)}%`
    return part(
      `media.id IN (SELECT media_id FROM caption WHERE model LIKE ? ESCAPE '\\'
        UNION SELECT media_id FROM tag WHERE model LIKE ? ESCAPE '\\')`,
      pattern,
      pattern
    )
  },
  language: (value) => part("media.id IN (SELECT media_id FROM caption WHERE language LIKE ? ESCAPE '\\')", `${like(value)}%`),
  key: (value) =>
    part(
      "media.id IN (SELECT media_id FROM acoustics WHERE musical_key LIKE ? ESCAPE '\\')",
      / (major|minor)$/i.test(value) ? like(value) : `${like(value)} m%`
    ),
  stage: (value, prefix, universe) => {
    const pattern = `${like(value)}${prefix ? "%" : ""}`
    return joined([fromNode(pattern), ofItems(universe, failed("", pattern))], "OR")
  },
  failed: (value, prefix, universe) =>
    value.toLowerCase() === "no"
      ? not(ofItems(universe, failed("yes", "%")))
      : ofItems(universe, failed(value.toLowerCase(), `${like(value)}${prefix || value === "" ? "%" : ""}`)),
  has: (value, _, universe) => has(value, universe),
  missing: (value, _, universe) => not(has(value, universe)),
  dup: (value, _, universe) => duplicated(value.toLowerCase(), universe),
  reviewed: (value) => part(`${value.toLowerCase() === "yes" ? "" : "NOT "}media.id IN (SELECT media_id FROM pinned)`)
}
