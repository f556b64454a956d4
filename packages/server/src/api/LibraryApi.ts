import { HttpApiEndpoint, HttpApiGroup } from "@effect/platform"
import { Schema } from "effect"
import { Away, Refused } from "./Problem.js"

/** What a list can be sorted by; `best` ranks by the words of the query, and is the newest first without any. */
export const Sort = Schema.Literal("best", "newest", "name", "longest", "shortest", "largest")
export type Sort = typeof Sort.Type

/** A tag of a file, each label once. */
const RowTag = Schema.Struct({ vocabulary: Schema.String, label: Schema.String })

/** A file in a list. */
export const Row = Schema.Struct({
  id: Schema.Int,
  /** The file's name; control characters are escaped. */
  name: Schema.String,
  /** The folder it is in, as much of it as differs between files. */
  folder: Schema.String,
  missing: Schema.Boolean,
  mediaType: Schema.String,
  /** Whether there is a sound or a picture in it. */
  playable: Schema.Boolean,
  durationSeconds: Schema.NullOr(Schema.Number),
  sizeBytes: Schema.Number,
  /** The caption's beginning, or the part of it that was looked for. */
  caption: Schema.NullOr(Schema.String),
  /** Where the words that were looked for stand in `caption`, in UTF-16 units: start and end. */
  marks: Schema.Array(Schema.Tuple(Schema.Int, Schema.Int)),
  tags: Schema.Array(RowTag),
  /** Whether a person has accepted or corrected something of it. */
  isReviewed: Schema.Boolean,
  addedAt: Schema.String
})
export type Row = typeof Row.Type

export const Rows = Schema.Struct({
  total: Schema.Int,
  rows: Schema.Array(Row)
})

const Facet = Schema.Struct({
  /** What a click adds to the query: `emotion:calm`. */
  query: Schema.String,
  label: Schema.String,
  count: Schema.Int
})

const FacetGroup = Schema.Struct({
  /** A vocabulary, or `length`, `type`, `state`. */
  name: Schema.String,
  facets: Schema.Array(Facet)
})

export const Facets = Schema.Struct({
  /** What was counted: the files that fit the query, or the whole library where those are too many to count while typing. */
  of: Schema.Literal("result", "library"),
  /** Of the files that fit; null where those are too many to add up while typing. */
  hours: Schema.NullOr(Schema.Number),
  groups: Schema.Array(FacetGroup)
})
export type Facets = typeof Facets.Type

export const Suggestion = Schema.Struct({
  /** What to put in place of the word at the cursor. */
  insert: Schema.String,
  label: Schema.String,
  /** How many files have it, where that is known. */
  count: Schema.NullOr(Schema.Int)
})

export const Peaks = Schema.Struct({
  /** By the file's number: 200 values of 8 bits in base64, the loudest sample of each 200th of the file. */
  peaks: Schema.Record({ key: Schema.String, value: Schema.String }),
  /** Files whose peaks are being measured: ask again. */
  pending: Schema.Array(Schema.Int),
  /** Files that have none: no sound, gone, or unreadable. */
  none: Schema.Array(Schema.Int)
})

const Query = Schema.String.pipe(Schema.maxLength(2000))
const Count = (most: number) => Schema.NumberFromString.pipe(Schema.int(), Schema.between(0, most))

/** The list, its facets and its waveforms. */
export const LibraryApi = HttpApiGroup.make("library")
  .add(
    HttpApiEndpoint.get("rows", "/rows")
      .setUrlParams(
        Schema.Struct({
          q: Schema.optional(Query),
          sort: Schema.optional(Sort),
          offset: Schema.optional(Count(1e9)),
          limit: Schema.optional(Count(200))
        })
      )
      .addSuccess(Rows)
      .addError(Refused)
      .addError(Away)
  )
  .add(
    HttpApiEndpoint.get("facets", "/facets")
      .setUrlParams(Schema.Struct({ q: Schema.optional(Query) }))
      .addSuccess(Facets)
      .addError(Refused)
      .addError(Away)
  )
  .add(
    HttpApiEndpoint.get("suggest", "/suggest")
      .setUrlParams(Schema.Struct({ word: Schema.String.pipe(Schema.maxLength(200)) }))
      .addSuccess(Schema.Array(Suggestion))
      .addError(Away)
  )
  .add(
    HttpApiEndpoint.get("peaks", "/peaks")
      .setUrlParams(Schema.Struct({ ids: Schema.String.pipe(Schema.pattern(/^\d{1,15}(,\d{1,15}){0,99}$/)) }))
      .addSuccess(Peaks)
      .addError(Away)
  )
