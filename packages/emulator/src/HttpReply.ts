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
      readonly pieces: Iterable<string>
      readonly gapMillis: number
      /** A pause before the piece of this index. */
      readonly stall?: { readonly before: number; readonly millis: number }
      readonly end: End
    }
  | { readonly _tag: "Torn" }

/** How a stream ends: as it should, with its socket torn down, or not before so many milliseconds are over. */
export type End = "close" | "tear" | { readonly openMillis: number }

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
  const { end, gapMillis, headers, pieces, stall } = reply
  return Effect.gen(function* () {
    response.writeHead(200, {
      ...headers,
      "content-type": "text/event-stream;charset=UTF-8",
      "cache-control": "no-cache",
      "x-request-id": requestId
    })
    response.flushHeaders()
    let n = 0
    for (const piece of pieces) {
      if (stall?.before === n) yield* Effect.sleep(stall.millis)
      n += 1
      if (response.destroyed) return
      if (!response.write(piece)) yield* drained(response)
      // Every piece in a packet of its own, as a service's pieces come.
      if (gapMillis > 0) yield* Effect.sleep(gapMillis)
      else yield* Effect.yieldNow()
    }
    if (typeof end === "object") yield* Effect.sleep(end.openMillis)
    if (end === "tear") yield* Effect.zipRight(flushed, tear(response))
    else response.end()
  })
}

/** Waits until what was written has left: Node holds it back for a moment. */
const flushed: Effect.Effect<void> = Effect.async((resume) => void setImmediate(() => resume(Effect.void)))

/** Waits until the other side has taken what was written, or has gone. */
const drained = (response: ServerResponse): Effect.Effect<void> =>
  Effect.async((resume) => {
    const go = () => {
      response.off("drain", go).off("close", go)
      resume(Effect.void)
    }
    response.on("drain", go).on("close", go)
    return Effect.sync(() => response.off("drain", go).off("close", go))
  })
