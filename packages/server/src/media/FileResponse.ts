import { HttpServerRequest, HttpServerResponse } from "@effect/platform"
import { Effect } from "effect"
import { promises as fs } from "node:fs"
import { type Missing, missing } from "../api/Problem.js"
import * as ByteRange from "./ByteRange.js"

export interface FileToSend {
  /** Absolute, as Node takes it. */
  readonly path: string | Buffer
  /** Bytes that it must have: another size is another file. */
  readonly size?: number | undefined
  readonly type: string
  /** What tells these bytes from all others. */
  readonly tag: string
}

/** A media file whose bytes a browser may play, and never take for a page. */
const playable = /^(audio|video)\/[\w.+-]+$/

/** Answers with a file, or the range of it that was asked for. The file is opened once, and only when bytes of it are sent. */
export const send = (
  file: FileToSend
): Effect.Effect<HttpServerResponse.HttpServerResponse, Missing, HttpServerRequest.HttpServerRequest> =>
  Effect.gen(function* () {
    const { headers, method } = yield* HttpServerRequest.HttpServerRequest
    const gone = missing("FileGone", "the file is not there any more, or was changed since it was filed")
    const stat = yield* Effect.tryPromise({ try: () => fs.stat(file.path), catch: () => gone })
    if (!stat.isFile() || (file.size !== undefined && stat.size !== file.size)) return yield* gone
    const etag = `"${file.tag}"`
    const common = { etag, "accept-ranges": "bytes", "cache-control": "private, no-cache" }
    if (headers["if-none-match"] === etag) return HttpServerResponse.empty({ status: 304, headers: common })
    const isFresh = headers["if-range"] === undefined || headers["if-range"] === etag
    const range = isFresh ? ByteRange.parse(headers["range"], stat.size) : undefined
    if (range === "outside")
      return HttpServerResponse.empty({ status: 416, headers: { ...common, "content-range": `bytes */${stat.size}` } })
    const { end, start } = range ?? { start: 0, end: stat.size - 1 }
    const options = {
      status: range === undefined ? 200 : 206,
      headers: {
        ...common,
        "content-type": playable.test(file.type) ? file.type : "application/octet-stream",
        "content-length": String(Math.max(0, end - start + 1)),
        ...(range === undefined ? {} : { "content-range": `bytes ${start}-${end}/${stat.size}` })
      }
    }
    if (method === "HEAD" || stat.size === 0) return HttpServerResponse.empty(options)
    // Opened here, so that a file which can't be read is an answer and no broken one.
    const handle = yield* Effect.tryPromise({ try: () => fs.open(file.path, "r"), catch: () => gone })
    return HttpServerResponse.raw(handle.createReadStream({ start, end, highWaterMark: 256 * 1024 }), options)
  })
