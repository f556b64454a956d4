import { Effect, type Scope } from "effect"
import { createHash } from "node:crypto"
import { createServer } from "node:http"

/** A storage on loopback that takes signed PUTs as S3 does. */
export interface ObjectStorage {
  readonly endpoint: string
  /** By path: `/sounds/….wav`. */
  readonly objects: ReadonlyMap<string, Buffer>
  /** Every answer, in order: `503`, `200`. */
  readonly answers: ReadonlyArray<number>
}

/**
 * @param trouble statuses of the first answers; 0 breaks the connection in the middle of the body
 */
export const make = (accessKey: string, trouble: ReadonlyArray<number> = []): Effect.Effect<ObjectStorage, never, Scope.Scope> =>
  Effect.gen(function* () {
    const objects = new Map<string, Buffer>()
    const answers: Array<number> = []
    const left = [...trouble]
    const server = createServer(async (request, response) => {
      const answer = (status: number, code: string, headers = {}) => {
        answers.push(status)
        response.writeHead(status, headers).end(status === 200 ? "" : `<Error><Code>${code}</Code></Error>`)
      }
      const planned = left.shift()
      if (planned === 0) {
        answers.push(0)
        return void request.socket.destroy()
      }
      const chunks: Array<Buffer> = []
      for await (const chunk of request) chunks.push(Buffer.from(chunk))
      const body = Buffer.concat(chunks)
      if (planned !== undefined) return answer(planned, planned === 503 ? "SlowDown" : "InternalError", { "retry-after": "1" })
      const { authorization = "", "content-length": length, "x-amz-content-sha256": hash } = request.headers
      if (!authorization.startsWith(`AWS4-HMAC-SHA256 Credential=${accessKey}/`)) return answer(403, "InvalidAccessKeyId")
      if (length === undefined) return answer(411, "MissingContentLength")
      if (createHash("sha256").update(body).digest("hex") !== hash) return answer(400, "XAmzContentSHA256Mismatch")
      objects.set(request.url ?? "", body)
      answer(200, "")
    })
    yield* Effect.acquireRelease(
      Effect.async<void>((resume) => void server.listen(0, "127.0.0.1", () => resume(Effect.void))),
      () =>
        Effect.sync(() => {
          server.closeAllConnections()
          server.close()
        })
    )
    const address = server.address()
    const port = typeof address === "object" ? (address?.port ?? 0) : 0
    return { endpoint: `http://127.0.0.1:${port}`, objects, answers }
  })
