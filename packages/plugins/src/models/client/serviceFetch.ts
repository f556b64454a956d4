import { Effect } from "effect"
import { Writable } from "node:stream"
import type { Agent } from "undici"
import { decompressed, isEncoded } from "./decompressed.js"
import * as ServiceFault from "./ServiceFault.js"

/** What is sent besides what a request needs: the SDK also reads `OPENAI_CUSTOM_HEADERS`, which is meant for somebody else. */
const sent = /^(accept|authorization|content-type|user-agent|x-dashscope-.*)$/i

/** Statuses with which no body may come. */
const bodiless: ReadonlySet<number> = new Set([204, 205, 304])

/** The words of a refusal that are read: far more than any service needs. */
const REFUSAL_BYTES = 256 * 1024
/** Milliseconds in which they come: the status has said already what it is. */
const REFUSAL_MILLIS = 3_000
/** Bytes that may wait to be read before the connection is held back. */
const WAITING_BYTES = 1024 * 1024

/** The beginning of a body, as text: so many bytes, and what has come after so many milliseconds. */
export const readText = async (body: ReadableStream<Uint8Array> | null, maxBytes: number, millis = Infinity): Promise<string> => {
  const decoder = new TextDecoder()
  let text = ""
  let size = 0
  const reader = body?.getReader()
  const timer = millis === Infinity ? undefined : setTimeout(() => void reader?.cancel().catch(() => undefined), millis)
  try {
    for (let next = await reader?.read(); next?.value !== undefined; next = await reader?.read()) {
      size += next.value.byteLength
      text += decoder.decode(next.value, { stream: true })
      if (size > maxBytes) break
    }
  } finally {
    clearTimeout(timer)
    await reader?.cancel().catch(() => undefined)
  }
  return text + decoder.decode()
}

/**
 * Carries bytes from a connection to a reader, all that came before the connection broke and then its error: streams of the platform
 * forget what waits in them when they fail, and an answer that is whole would be lost.
 */
const carrier = () => {
  const waiting: Array<Uint8Array> = []
  let size = 0
  let ended: { readonly error: unknown } | "well" | undefined
  let moved = () => {}
  let resumeWriting: (() => void) | undefined

  const readable = new ReadableStream<Uint8Array>(
    {
      pull: async (controller) => {
        while (waiting.length === 0 && ended === undefined) await new Promise<void>((resolve) => (moved = resolve))
        const next = waiting.shift()
        if (next !== undefined) {
          size -= next.byteLength
          controller.enqueue(next)
          if (size < WAITING_BYTES) resumeWriting?.()
        } else if (ended === "well") controller.close()
        else controller.error(ended?.error)
      },
      cancel: () => void writable.destroy()
    },
    { highWaterMark: 0 }
  )
  const writable = new Writable({
    write: (chunk: Uint8Array, _encoding, done) => {
      waiting.push(chunk)
      size += chunk.byteLength
      moved()
      if (size < WAITING_BYTES) return done()
      resumeWriting = () => {
        resumeWriting = undefined
        done()
      }
    }
  })
  // Whoever made the request hears of errors through the reader.
  writable.on("error", () => {})
  const end = (error?: unknown): void => {
    ended ??= error === undefined || error === null ? "well" : { error }
    moved()
  }
  return { readable, writable, end }
}

/** Bytes as a reader asks for them. */
const streamOf = (bytes: AsyncGenerator<Uint8Array>): ReadableStream<Uint8Array> =>
  new ReadableStream<Uint8Array>(
    {
      pull: async (controller) => {
        const { done, value } = await bytes.next()
        if (done === true) controller.close()
        else controller.enqueue(value)
      },
      cancel: async () => void (await bytes.return(undefined))
    },
    { highWaterMark: 0 }
  )

const request = (agent: Agent, url: URL, init: RequestInit): Promise<Response> =>
  new Promise((resolve, reject) => {
    const { end, readable, writable } = carrier()
    agent.stream(
      {
        origin: url.origin,
        path: url.pathname + url.search,
        method: init.method === "POST" ? "POST" : "GET",
        headers: [...new Headers(init.headers)].filter(([name]) => sent.test(name)).flat(),
        body: typeof init.body === "string" ? init.body : null,
        signal: init.signal ?? null
      },
      ({ headers, statusCode: status }) => {
        const encoding = String(headers["content-encoding"] ?? "").toLowerCase()
        const body = isEncoded(encoding) ? streamOf(decompressed(readable, encoding)) : readable
        const pairs = Object.entries(headers).flatMap(([name, value]) =>
          [value ?? []].flat().map((one): [string, string] => [name, one])
        )
        resolve(new Response(bodiless.has(status) ? null : body, { status, headers: pairs }))
        return writable
      },
      (error) => {
        end(error)
        if (error !== null) reject(error)
      }
    )
  })

/** Where an answer wants to send us, without what only its address bar should know. */
const redirected = (from: URL, { headers, status }: Response): string => {
  const location = headers.get("location")
  if (status < 300 || status >= 400 || location === null || !URL.canParse(location, from.href)) return ""
  const { origin, pathname } = new URL(location, from)
  return `a redirect to ${origin}${pathname}, which is not followed`
}

/**
 * `fetch` without redirects and foreign headers, and without clocks of its own: Node's gives up after 300 seconds, whatever the
 * provider's `timeouts` say. A failed answer gets the one shape that the SDK reads, so that nothing of what the service said is lost.
 * Loaded with the first request.
 */
export const serviceFetch: Effect.Effect<typeof fetch> = Effect.map(
  Effect.promise(() => import("undici")),
  ({ Agent }) => {
    const agent = new Agent({ headersTimeout: 0, bodyTimeout: 0 })
    return async (input, init) => {
      const url = new URL(input instanceof Request ? input.url : input)
      const response = await request(agent, url, init ?? {})
      if (response.ok) return response
      const { headers, status } = response
      const text = await readText(response.body, REFUSAL_BYTES, REFUSAL_MILLIS)
      const { code, message, requestId } = ServiceFault.inText(text) ?? { message: text || redirected(url, response) }
      return new Response(JSON.stringify({ error: { code, message, request_id: requestId } }), { status, headers })
    }
  }
)
