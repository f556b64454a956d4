import { Effect, Schedule } from "effect"
import { createReadStream, createWriteStream, promises as fs, readFileSync } from "node:fs"
import { Agent as HttpAgent, type ClientRequest, type IncomingMessage, request as httpRequest } from "node:http"
import { Agent as HttpsAgent, request as httpsRequest } from "node:https"
import { hostname } from "node:os"
import { pipeline } from "node:stream/promises"
import { GONE } from "../protocol/FileStatus.js"
import { WorkerError } from "../protocol/WorkerError.js"
import { AT_ONCE, ONE_PIECE } from "./OnePiece.js"

/** Where a coordinator hands out files and takes them. */
export interface FileSource {
  readonly url: string
  readonly token: string
  /** The coordinator's machine, where it is known. */
  readonly host?: string | undefined
}

/** A connection that moves nothing for so long is given up, in milliseconds. */
const IDLE_MILLIS = 30_000
/** A coordinator that is away comes back; one that was restarted offers, and awaits, its files again soon after. */
const AWAITED = "10 minutes"
const again = Schedule.exponential("200 millis").pipe(Schedule.union(Schedule.spaced("5 seconds")), Schedule.upTo(AWAITED))

/** A coordinator that is there and doesn't give the file is asked so often: after a restart it offers the file a moment later. */
const REFUSALS = 8

/** The coordinator is there, and answered something else than the file. */
class Refusal extends Error {}

/** The coordinator hasn't got the file any more. */
class Gone extends Error {}

interface Missed {
  /** How it is met: one that is away is asked for long, one that refuses a few times, one that can't have the file not again. */
  readonly sort: "away" | "refused" | "gone"
  readonly error: WorkerError
}

const LOOPBACK = /^(localhost|127(\.\d+){3}|\[::1\])$/

/** Whether nobody answers at an address that means this machine, and the coordinator is another: it will never answer there. */
const isMisplaced = ({ host, url }: FileSource, cause: unknown): boolean =>
  host !== undefined &&
  host !== hostname() &&
  URL.canParse(url) &&
  LOOPBACK.test(new URL(url).hostname) &&
  cause instanceof Error &&
  "code" in cause &&
  cause.code === "ECONNREFUSED"

const missed = (code: "FileNotFetched" | "ResultNotDelivered", what: string, source: FileSource, cause: unknown): Missed => {
  const misplaced = isMisplaced(source, cause)
  const why = misplaced
    ? `nobody answers there, as it means this machine (${hostname()}) and the coordinator is ${source.host}; set \`workers.listen\` or \`workers.url\``
    : reason(cause)
  return {
    sort: misplaced || cause instanceof Gone ? "gone" : cause instanceof Refusal ? "refused" : "away",
    error: new WorkerError({ code, detail: `${what} ${source.url}: ${why}` })
  }
}

interface Call {
  readonly method: "GET" | "PUT"
  readonly path: string
  readonly headers?: Readonly<Record<string, string | number>>
  readonly body?: Buffer | undefined
  readonly send?: ((request: ClientRequest) => Promise<void>) | undefined
  readonly signal: AbortSignal
}

/** Connections to one coordinator: a pack's files, which come and go at once, take turns on them instead of opening one each. */
const CONNECTIONS = { keepAlive: true, maxSockets: 8 }
const http = { open: httpRequest, agent: new HttpAgent(CONNECTIONS) }
const https = { open: httpsRequest, agent: new HttpsAgent(CONNECTIONS) }

/** One request, until its answer begins. */
const call = ({ token, url }: FileSource, { body, headers, method, path, send, signal }: Call): Promise<IncomingMessage> =>
  new Promise((resolve, reject) => {
    const target = new URL(`${url.replace(/\/+$/, "")}${path}`)
    const { agent, open } = target.protocol === "https:" ? https : http
    const request = open(target, { agent, method, signal, headers: { ...headers, authorization: `Bearer ${token}` } })
    request.setTimeout(IDLE_MILLIS, () => request.destroy(new Error(`nothing for ${IDLE_MILLIS / 1_000} seconds`)))
    request.once("response", resolve).once("error", reject)
    if (send === undefined) request.end(body)
    else send(request).catch(reject)
  })

const reason = (cause: unknown): string => (cause instanceof Error ? cause.message : String(cause))

const sizeOf = (path: string): Promise<number> =>
  fs.stat(path).then(
    ({ size }) => size,
    () => 0
  )

/** One request for a file, from this byte on. */
const ask = async (source: FileSource, hash: string, start: number, signal: AbortSignal): Promise<IncomingMessage> => {
  const headers = start === 0 ? {} : { range: `bytes=${start}-` }
  const response = await call(source, { method: "GET", path: `/files/${hash}`, headers, signal })
  const { statusCode } = response
  if (statusCode === 200 || statusCode === 206) return response
  response.resume()
  if (statusCode === GONE) throw new Gone("the file is not there any more")
  throw new Refusal(statusCode === 404 ? "the coordinator doesn't offer it" : `the coordinator answered ${statusCode}`)
}

/** A coordinator that is away is asked again for a while; one that refuses, a few times. */
const persistently = <A>(
  source: Effect.Effect<FileSource, WorkerError>,
  hash: string,
  get: (source: FileSource, signal: AbortSignal) => Promise<A>
): Effect.Effect<A, WorkerError> =>
  Effect.flatMap(
    Effect.mapError(source, (error): Missed => ({ sort: "away", error })),
    (source) =>
      Effect.tryPromise({
        try: (signal) => get(source, signal),
        catch: (cause) => missed("FileNotFetched", `${hash} from`, source, cause)
      })
  ).pipe(
    Effect.retry({ schedule: again, while: ({ sort }) => sort === "refused", times: REFUSALS }),
    Effect.retry({ schedule: again, while: ({ sort }) => sort === "away" }),
    Effect.mapError(({ error }) => error)
  )

/** Fetches a file of at most {@link ONE_PIECE} bytes; they are not verified here. */
export const fetchBytes = (source: Effect.Effect<FileSource, WorkerError>, hash: string): Effect.Effect<Buffer, WorkerError> =>
  persistently(source, hash, async (source, signal) => {
    const pieces: Array<Buffer> = []
    let size = 0
    for await (const piece of await ask(source, hash, 0, signal)) {
      if (!Buffer.isBuffer(piece)) continue
      pieces.push(piece)
      size += piece.length
      if (size > ONE_PIECE) throw new Refusal("more bytes came than the file has")
    }
    return Buffer.concat(pieces, size)
  })

/**
 * Fetches bytes by their hash; what is there of them already is not fetched again. The bytes are not verified here. A coordinator that
 * is away is asked again for a while.
 *
 * @param source asked for each attempt: after a restart it is another
 */
export const fetch = (
  source: Effect.Effect<FileSource, WorkerError>,
  hash: string,
  path: string
): Effect.Effect<void, WorkerError> =>
  persistently(source, hash, async (source, signal) => {
    const response = await ask(source, hash, await sizeOf(path), signal)
    await pipeline(response, createWriteStream(path, { flags: response.statusCode === 206 ? "a" : "w" }))
  })

/**
 * Delivers a file. A coordinator that is away, or doesn't know of the job yet, is asked again for a while.
 *
 * @param source asked for each attempt: after a restart it is another
 */
export const deliver = (
  source: Effect.Effect<FileSource, WorkerError>,
  names: { readonly job: string; readonly slot: string; readonly delivery: string },
  { path, size }: { readonly path: string; readonly size: number }
): Effect.Effect<void, WorkerError> =>
  Effect.flatMap(
    Effect.mapError(source, (error): Missed => ({ sort: "away", error })),
    (source) =>
      Effect.tryPromise({
        try: async (signal) => {
          const response = await call(source, {
            method: "PUT",
            path: `/results/${names.job}/${names.slot}/${names.delivery}`,
            headers: { "content-length": size },
            ...(size <= ONE_PIECE
              ? { body: size <= AT_ONCE ? readFileSync(path) : await fs.readFile(path) }
              : { send: (request) => pipeline(createReadStream(path), request) }),
            signal
          })
          response.resume()
          if (response.statusCode !== 204) throw new Error(`the coordinator answered ${response.statusCode}`)
        },
        catch: (cause) => missed("ResultNotDelivered", "to", source, cause)
      })
  ).pipe(
    Effect.retry({ schedule: again, while: ({ sort }) => sort !== "gone" }),
    Effect.mapError(({ error }) => error)
  )
