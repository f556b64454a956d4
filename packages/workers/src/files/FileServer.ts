import { Effect, type Scope } from "effect"
import { RawPath } from "@mediaspool/core"
import { randomBytes, timingSafeEqual } from "node:crypto"
import { createReadStream, createWriteStream, promises as fs } from "node:fs"
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http"
import { isIPv6 } from "node:net"
import { join } from "node:path"
import { finished, pipeline } from "node:stream/promises"
import { GONE } from "../protocol/FileStatus.js"
import { WorkerError } from "../protocol/WorkerError.js"
import { ONE_PIECE } from "./OnePiece.js"

/** Connections that are still open get so long when the server closes, in milliseconds. */
const GRACE_MILLIS = 500

/** Bytes of small files that are in memory at once; what comes beside them is streamed. */
const HELD = 16 * 1024 ** 2

/** Hands files to workers, and takes those that they made. */
export interface FileServer {
  /** `http://HOST:PORT` */
  readonly url: string
  /** Whoever has it may fetch what is offered and deliver what is awaited. */
  readonly token: string
  /** Serves a file, or bytes, by their hash until {@link withdraw}; counted. */
  readonly offer: (hash: string, from: string | Buffer) => void
  readonly withdraw: (hash: string) => void
  /** Takes deliveries of this job until {@link refuse}. */
  readonly expect: (job: string) => void
  readonly refuse: (job: string) => void
  /** Where a delivery was put. */
  readonly delivered: (job: string, slot: string, delivery: string) => string
}

/** One can listen there, and nobody can call it. */
const EVERY_ADDRESS: ReadonlySet<string> = new Set(["0.0.0.0", "::"])

const NAME = /^[A-Za-z0-9_-]{1,160}$/
const RANGE = /^bytes=(\d+)-$/

const isToken = (header: string | undefined, token: string): boolean => {
  const given = Buffer.from(header ?? "")
  const wanted = Buffer.from(`Bearer ${token}`)
  return given.length === wanted.length && timingSafeEqual(given, wanted)
}

const sizeOf = (path: string): Promise<number | undefined> =>
  fs.stat(RawPath.forNode(path)).then(
    (found) => (found.isFile() ? found.size : undefined),
    (cause: NodeJS.ErrnoException) => {
      if (cause.code === "ENOENT" || cause.code === "ENOTDIR") return undefined
      throw cause
    }
  )

const answer = (response: ServerResponse, status: number): void => void response.writeHead(status).end()

/** A file that was changed since its size was told is not sent: half an answer is none. */
const sendWhole = async (response: ServerResponse, bytes: Buffer, size: number): Promise<void> => {
  if (bytes.length !== size) return void response.destroy()
  response.end(bytes)
  await finished(response)
}

const wholeOf = async (request: IncomingMessage): Promise<Buffer> => {
  const pieces: Array<Buffer> = []
  for await (const piece of request) if (Buffer.isBuffer(piece)) pieces.push(piece)
  return Buffer.concat(pieces)
}

/**
 * Opens the server while the scope is open.
 *
 * @param folder for deliveries, on the artifacts' file system
 */
export const make = (options: {
  readonly host: string
  readonly port: number
  /** What workers call; default: host, or where that means every address the one given here, and port. */
  readonly url?: string | undefined
  readonly ownAddress?: string | undefined
  readonly folder: string
}): Effect.Effect<FileServer, WorkerError, Scope.Scope> =>
  Effect.gen(function* () {
    const token = randomBytes(32).toString("base64url")
    const offered = new Map<string, { readonly from: string | Buffer; count: number }>()
    const expected = new Map<string, number>()
    let held = 0
    const isHandy = (size: number): boolean => size <= ONE_PIECE && held + size <= HELD
    const holding = async (size: number, work: () => Promise<void>): Promise<void> => {
      held += size
      try {
        await work()
      } finally {
        held -= size
      }
    }
    const delivered = (job: string, slot: string, delivery: string) => join(options.folder, `delivery-${job}.${slot}.${delivery}`)

    const give = async (request: IncomingMessage, response: ServerResponse, hash: string): Promise<void> => {
      const file = offered.get(hash)
      if (file === undefined) return answer(response, 404)
      const { from } = file
      const size = typeof from === "string" ? await sizeOf(from) : from.length
      if (size === undefined) return answer(response, GONE)
      const start = Number(RANGE.exec(request.headers.range ?? "")?.[1] ?? 0)
      if (start > size) return void response.writeHead(416, { "content-range": `bytes */${size}` }).end()
      response.writeHead(start === 0 ? 200 : 206, {
        "content-type": "application/octet-stream",
        "content-length": size - start,
        ...(start === 0 ? {} : { "content-range": `bytes ${start}-${size - 1}/${size}` })
      })
      if (request.method === "HEAD" || start === size) return void response.end()
      if (typeof from !== "string") return void response.end(from.subarray(start))
      if (start === 0 && isHandy(size))
        return holding(size, async () => sendWhole(response, await fs.readFile(RawPath.forNode(from)), size))
      await pipeline(createReadStream(RawPath.forNode(from), { start }), response)
    }

    const take = async (request: IncomingMessage, response: ServerResponse, names: ReadonlyArray<string>): Promise<void> => {
      const [job = "", slot = "", delivery = ""] = names
      // Not awaited yet after a restart of the coordinator: the worker tries again.
      if (!expected.has(job)) return answer(response, 409)
      const path = delivered(job, slot, delivery)
      try {
        const size = Number(request.headers["content-length"] ?? Infinity)
        if (isHandy(size)) await holding(size, async () => fs.writeFile(path, await wholeOf(request), { mode: 0o600 }))
        else await pipeline(request, createWriteStream(path, { flags: "w", mode: 0o600 }))
      } catch (cause) {
        await fs.rm(path, { force: true })
        throw cause
      }
      answer(response, 204)
    }

    const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
      if (!isToken(request.headers.authorization, token)) return answer(response, 401)
      const [, sort = "", ...names] = (request.url ?? "").split("/")
      if (!names.every((name) => NAME.test(name))) return answer(response, 400)
      if (sort === "files" && names.length === 1 && (request.method === "GET" || request.method === "HEAD"))
        return give(request, response, names[0] ?? "")
      if (sort === "results" && names.length === 3 && request.method === "PUT") return take(request, response, names)
      return answer(response, 404)
    }

    const server = yield* listening(options, (request, response) => {
      handle(request, response).catch(() => (response.headersSent ? response.destroy() : answer(response, 500)))
    })
    const address = server.address()
    const port = typeof address === "object" && address !== null ? address.port : options.port
    const host = EVERY_ADDRESS.has(options.host) ? (options.ownAddress ?? "127.0.0.1") : options.host
    return {
      url: options.url ?? `http://${isIPv6(host) ? `[${host}]` : host}:${port}`,
      token,
      offer: (hash, from) => {
        const known = offered.get(hash)
        if (known === undefined) offered.set(hash, { from, count: 1 })
        else known.count++
      },
      withdraw: (hash) => {
        const known = offered.get(hash)
        if (known !== undefined && --known.count === 0) offered.delete(hash)
      },
      expect: (job) => void expected.set(job, (expected.get(job) ?? 0) + 1),
      refuse: (job) => void expected.delete(job),
      delivered
    }
  })

const listening = (
  { host, port }: { readonly host: string; readonly port: number },
  listener: (request: IncomingMessage, response: ServerResponse) => void
): Effect.Effect<Server, WorkerError, Scope.Scope> =>
  Effect.acquireRelease(
    Effect.async<Server, WorkerError>((resume) => {
      const server = createServer(listener)
      server.once("error", (cause: NodeJS.ErrnoException) => {
        const detail = `workers.listen: ${host}:${port} can't be used (${cause.code ?? cause.message})`
        resume(Effect.fail(new WorkerError({ code: "FileServerFailed", detail })))
      })
      server.listen(port, host, () => resume(Effect.succeed(server)))
    }),
    (server) =>
      Effect.async<void>((resume) => {
        const limit = setTimeout(() => server.closeAllConnections(), GRACE_MILLIS)
        server.close(() => {
          clearTimeout(limit)
          resume(Effect.void)
        })
        server.closeIdleConnections()
      })
  )
