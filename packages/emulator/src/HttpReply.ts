import { Effect } from "effect"
import type { ServerResponse } from "node:http"

/** What goes out over the wire, well formed or not. */
export type HttpReply =
  | {
      readonly _tag: "Whole"
      readonly status: number
      readonly type: string
      readonly body: string
      readonly headers?: Readonly<Record<string, string>>
    }
  | {
      readonly _tag: "Events"
      readonly headers?: Readonly<Record<string, string>>
      /** Each as it stands on the wire. */
      readonly pieces: ReadonlyArray<string>
      readonly gapMillis: number
      /** A pause before the piece of this index. */
      readonly stall?: { readonly before: number; readonly millis: number }
      /** The socket is torn down instead of an end. */
      readonly torn: boolean
    }
  | { readonly _tag: "Torn" }

export const json = (status: number, body: string, headers: Readonly<Record<string, string>> = {}): HttpReply => ({
  _tag: "Whole",
  status,
  type: "application/json",
  body,
  headers
})

/** A connection that ends without a word. */
const tear = (response: ServerResponse): Effect.Effect<void> => Effect.sync(() => void response.socket?.resetAndDestroy())

/** Sends; ends early when the other side has gone. */
export const send = (reply: HttpReply, response: ServerResponse, requestId: string): Effect.Effect<void> => {
  if (reply._tag === "Torn") return tear(response)
  if (reply._tag === "Whole")
    return Effect.sync(() => {
      const { body, headers, status, type } = reply
      response.writeHead(status, { ...headers, "content-type": type, "x-request-id": requestId }).end(body)
    })
  const { gapMillis, headers, pieces, stall, torn } = reply
  return Effect.gen(function* () {
    response.writeHead(200, {
      ...headers,
      "content-type": "text/event-stream;charset=UTF-8",
      "cache-control": "no-cache",
      "x-request-id": requestId
    })
    response.flushHeaders()
    for (const [n, piece] of pieces.entries()) {
      if (stall?.before === n) yield* Effect.sleep(stall.millis)
      if (response.destroyed) return
      response.write(piece)
      // Every piece in a packet of its own, as a service's pieces come.
      if (gapMillis > 0) yield* Effect.sleep(gapMillis)
      else yield* Effect.yieldNow()
    }
    if (torn) yield* tear(response)
    else response.end()
  })
}
