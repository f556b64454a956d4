import { HttpApiEndpoint, HttpApiGroup, HttpApiSchema } from "@effect/platform"
import { Schema } from "effect"
import { Away, Refused } from "./Problem.js"

const query = Schema.String.pipe(Schema.maxLength(2000))

/** Exports of what fits a query, as `spool export` writes them. */
export const ExportApi = HttpApiGroup.make("exports")
  .add(
    HttpApiEndpoint.get("download", "/export")
      .setUrlParams(Schema.Struct({ q: Schema.optional(query), as: Schema.Literal("jsonl", "csv", "parquet", "m3u8") }))
      .addSuccess(
        Schema.String.annotations({ description: "The export, as a file to save." }).pipe(
          HttpApiSchema.withEncoding({ kind: "Text", contentType: "application/octet-stream" })
        )
      )
      .addError(Refused)
      .addError(Away)
  )
  .add(
    HttpApiEndpoint.post("folder", "/export")
      .setPayload(
        Schema.Struct({
          q: Schema.optional(query),
          as: Schema.Literal("vtt", "srt", "audiofolder", "webdataset"),
          /** A new folder's name, under `exports` beside the config. */
          name: Schema.String.pipe(Schema.pattern(/^[\p{L}\p{N}][\p{L}\p{N} ._-]{0,99}$/u))
        })
      )
      .addSuccess(Schema.Struct({ path: Schema.String, media: Schema.Int }))
      .addError(Refused)
      .addError(Away)
  )
