import { randomUUID } from "node:crypto"
import type { Checked } from "./Validation.js"
import type { Fault } from "./Fault.js"
import * as HttpReply from "./HttpReply.js"
import { compatibleBody, nativeBody, type Refusal, refusals } from "./Refusal.js"

/** An answer, before it is put on the wire. */
export interface Answer {
  readonly text: string
  readonly finish: "stop" | "length"
  readonly inputTokens: number
  readonly audioTokens: number
  readonly outputTokens: number
}

export interface ReplyOptions {
  readonly requestId: string
  /** Between two pieces of a stream. */
  readonly gapMillis: number
  readonly fault: Fault | undefined
}

const words = (text: string): ReadonlyArray<string> => text.match(/\S+\s*|\s+/g) ?? []

/** A few words at a time, as a model's answer trickles in. */
const deltas = (text: string): ReadonlyArray<string> => {
  const all = words(text)
  const size = Math.max(4, Math.ceil(all.length / 40))
  return Array.from({ length: Math.ceil(all.length / size) }, (_, n) => all.slice(n * size, (n + 1) * size).join(""))
}

const compatibleUsage = ({ audioTokens, inputTokens, outputTokens }: Answer) => ({
  prompt_tokens: inputTokens,
  completion_tokens: outputTokens,
  total_tokens: inputTokens + outputTokens,
  prompt_tokens_details: { audio_tokens: audioTokens, text_tokens: inputTokens - audioTokens },
  completion_tokens_details: { text_tokens: outputTokens }
})
const nativeUsage = ({ audioTokens, inputTokens, outputTokens }: Answer) => ({
  input_tokens: inputTokens,
  output_tokens: outputTokens,
  total_tokens: inputTokens + outputTokens,
  input_tokens_details: { audio_tokens: audioTokens, text_tokens: inputTokens - audioTokens },
  output_tokens_details: { text_tokens: outputTokens }
})

const created = (): number => Math.floor(Date.now() / 1000)
const data = (value: unknown): string => `data: ${JSON.stringify(value)}\n\n`

const compatiblePieces = (checked: Checked, answer: Answer): ReadonlyArray<string> => {
  const base = { id: `chatcmpl-${randomUUID()}`, object: "chat.completion.chunk", created: created(), model: checked.model }
  const chunk = (delta: object, finish: string | null) =>
    data({ ...base, choices: [{ index: 0, delta, finish_reason: finish, logprobs: null }], usage: null })
  return [
    chunk({ content: "", role: "assistant" }, null),
    ...deltas(answer.text).map((content) => chunk({ content }, null)),
    chunk({ content: "" }, answer.finish),
    ...(checked.withUsage ? [data({ ...base, choices: [], usage: compatibleUsage(answer) })] : []),
    "data: [DONE]\n\n"
  ]
}

const nativePieces = (answer: Answer, requestId: string): ReadonlyArray<string> => {
  const texts = [...deltas(answer.text), ""]
  return texts.map((text, n) => {
    const finish = n === texts.length - 1 ? answer.finish : "null"
    const message = { role: "assistant", content: text === "" ? [] : [{ text }] }
    const body = {
      output: { choices: [{ message, finish_reason: finish }] },
      usage: nativeUsage(answer),
      request_id: requestId
    }
    return `id:${n + 1}\nevent:result\n:HTTP_STATUS/200\ndata:${JSON.stringify(body)}\n\n`
  })
}

const piecesOf = (checked: Checked, answer: Answer, requestId: string): ReadonlyArray<string> =>
  checked.protocol === "native" ? nativePieces(answer, requestId) : compatiblePieces(checked, answer)

const whole = (checked: Checked, answer: Answer, requestId: string): string =>
  checked.protocol === "native"
    ? JSON.stringify({
        output: {
          choices: [{ finish_reason: answer.finish, message: { role: "assistant", content: [{ text: answer.text }] } }]
        },
        usage: nativeUsage(answer),
        request_id: requestId
      })
    : JSON.stringify({
        choices: [
          {
            message: { content: answer.text, role: "assistant" },
            finish_reason: answer.finish,
            index: 0,
            logprobs: null
          }
        ],
        object: "chat.completion",
        usage: compatibleUsage(answer),
        created: created(),
        system_fingerprint: null,
        model: checked.model,
        id: `chatcmpl-${randomUUID()}`
      })

const errorPiece = (checked: Checked, refusal: Refusal, requestId: string): string =>
  checked.protocol === "native"
    ? `id:2\nevent:error\n:HTTP_STATUS/${refusal.status}\ndata:${nativeBody(refusal, requestId)}\n\n`
    : `event: error\ndata: ${compatibleBody(refusal, requestId)}\n\n`

/** A piece or an answer, with what it says of its end. */
const finishing = (kind: Fault["kind"] | undefined, body: string): string =>
  kind === "no_finish" || kind === "aborted"
    ? body.replace(/"finish_reason":"(stop|length)"/, `"finish_reason":${kind === "aborted" ? '"abort"' : "null"}`)
    : body

/** A refusal in the request's protocol. */
export const refuse = (native: boolean, refusal: Refusal, requestId: string): HttpReply.HttpReply =>
  HttpReply.json(
    refusal.status,
    native ? nativeBody(refusal, requestId) : compatibleBody(refusal, requestId),
    refusal.retryAfter === undefined ? {} : { "retry-after": String(refusal.retryAfter) }
  )

/** The answer on the wire, with what goes wrong there. */
export const respond = (checked: Checked, answer: Answer, { fault, gapMillis, requestId }: ReplyOptions): HttpReply.HttpReply => {
  const kind = fault?.kind
  if (!checked.stream) {
    if (kind === "truncated" || kind === "reset_midway" || kind === "stall" || kind === "drip") return { _tag: "Torn" }
    const body = whole(checked, kind === "oversized" ? { ...answer, text: "x".repeat(50e6) } : answer, requestId)
    return HttpReply.json(200, finishing(kind, body))
  }
  const pieces = piecesOf(checked, answer, requestId)
  const middle = Math.max(1, Math.floor(pieces.length / 2))
  const events = (some: Iterable<string>, more: Partial<Extract<HttpReply.HttpReply, { _tag: "Events" }>> = {}) => ({
    _tag: "Events" as const,
    pieces: some,
    gapMillis,
    end: "close" as const,
    ...more
  })
  switch (kind) {
    case "moderation_midway":
      return events([...pieces.slice(0, middle), errorPiece(checked, refusals.moderation("Output"), requestId)])
    case "sse_error":
      return events([...pieces.slice(0, 1), errorPiece(checked, refusals.internal, requestId)])
    case "flat_error":
      return events([data({ code: "internal_error", message: "An internal error has occured." })])
    case "truncated":
      return events(pieces.slice(0, middle))
    case "no_usage":
      return events(pieces.filter((piece) => !piece.includes('"choices":[]') && !piece.includes("[DONE]")))
    case "no_finish":
    case "aborted":
      return events(pieces.map((piece) => finishing(kind, piece)))
    case "stall":
      return events(pieces, { stall: { before: middle, millis: fault?.millis ?? 0 } })
    case "drip":
      return events(dripping(checked, answer, requestId, fault?.millis ?? 0), { gapMillis: DRIP_MILLIS })
    case "oversized":
      return events(oversized(checked, answer, requestId))
    case "reset_midway":
      return events(pieces.slice(0, middle), { end: "tear" })
    case "reset_after":
      return events(pieces, { end: "tear" })
    case "stays_open":
      return events(pieces, { end: { openMillis: fault?.millis ?? 0 } })
    default:
      return events(pieces)
  }
}

const DRIP_MILLIS = 50
const silence: Answer = { text: "", finish: "stop", inputTokens: 0, audioTokens: 0, outputTokens: 0 }

/** A beginning, and then pieces without a word in them. */
const dripping = function* (checked: Checked, answer: Answer, requestId: string, millis: number): Generator<string> {
  const [first = "", second = ""] = piecesOf(checked, answer, requestId)
  yield first
  yield second
  const [empty = ""] = piecesOf(checked, silence, requestId)
  for (let n = 0; n < millis / DRIP_MILLIS; n++) {
    yield checked.protocol === "native" ? ": keep-alive\n\n" : empty
    yield ": keep-alive\n\n"
  }
}

/** More than anybody wants to read: some 50 MB. */
const oversized = function* (checked: Checked, answer: Answer, requestId: string): Generator<string> {
  const block = "x".repeat(64 * 1024)
  const all = piecesOf(checked, { ...answer, text: block }, requestId)
  const said = all.find((piece) => piece.includes(block)) ?? ""
  for (let n = 0; n < 800; n++) yield said
  yield* all.slice(all.indexOf(said) + 1)
}
