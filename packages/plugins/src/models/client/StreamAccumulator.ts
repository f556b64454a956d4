import type { Json } from "@mediaspool/core"
import { Option, Schema } from "effect"
import * as ServiceFault from "./ServiceFault.js"
import type { Frame } from "./Sse.js"

/** What a frame was good for. */
export type Piece =
  | { readonly _tag: "Fault"; readonly fault: ServiceFault.Fault }
  /** Text, reasoning, usage or a finish reason. */
  | { readonly _tag: "Said" }
  /** A comment, an empty delta, JSON that means nothing to us. */
  | { readonly _tag: "Nothing" }
  /** The service says that this was all. */
  | { readonly _tag: "Done" }

/** Puts an answer together from the frames of a stream. */
export interface StreamAccumulator {
  readonly add: (frame: Frame) => Piece
  /** The stream ended well: what it hasn't said by now it doesn't say. */
  readonly end: () => void
  /** Characters of the answer so far. */
  readonly size: () => number
  /** The answer as one body; undefined until it is whole: it has said why it ended, and what it used, that this was all, or nothing more. */
  readonly body: () => string | undefined
  /** What hasn't come yet, for a person. */
  readonly missing: () => string
}

const get = (value: unknown, name: string): unknown =>
  typeof value === "object" && value !== null ? Reflect.get(value, name) : undefined
const textOf = (value: unknown): string | undefined => (typeof value === "string" && value !== "" ? value : undefined)
/** The texts of a content: one, or one a part. */
const textsOf = (content: unknown): ReadonlyArray<string | undefined> =>
  (Array.isArray(content) ? content : [{ text: content }]).map((part) => textOf(get(part, "text")))
const first = (value: unknown): unknown => (Array.isArray(value) ? value[0] : undefined)
/** The choice that was asked for: a service that gives several sends them in turn. */
const only = (choices: unknown): unknown => {
  const choice = first(choices)
  return (get(choice, "index") ?? 0) === 0 ? choice : undefined
}

const isThere = (value: unknown): boolean => value !== undefined && value !== null

const parseJson = Schema.decodeUnknownOption(Schema.parseJson())
const nothing: Piece = { _tag: "Nothing" }
const done: Piece = { _tag: "Done" }

/** What an answer consists of, whichever protocol brings it. */
const collected = () => {
  const parts: Array<string> = []
  let size = 0
  let finish: string | undefined
  let usage: unknown
  let refusal = ""
  let ended = false
  return {
    take: (found: {
      readonly texts: ReadonlyArray<string | undefined>
      readonly reasoning?: string | undefined
      /** What a model says in the place of an answer. */
      readonly refusal?: string | undefined
      readonly finish: string | undefined
      readonly usage: unknown
    }): Piece => {
      let said = found.reasoning !== undefined || found.refusal !== undefined
      refusal += found.refusal ?? ""
      for (const text of found.texts) {
        if (text === undefined) continue
        parts.push(text)
        size += text.length
        said = true
      }
      if (found.finish !== undefined) finish = found.finish
      if (isThere(found.usage)) usage = found.usage
      return said || found.finish !== undefined || isThere(found.usage) ? { _tag: "Said" } : nothing
    },
    end: () => {
      ended = true
    },
    /** The service says that this was all. Some leave out why a text ends. */
    done: () => {
      ended = true
      if (parts.length > 0) finish ??= "stop"
    },
    size: () => size + refusal.length,
    isWhole: () => finish !== undefined && (usage !== undefined || ended),
    missing: () => (finish === undefined ? "a finish reason" : "the usage"),
    whole: () => ({ text: parts.join(""), refusal, finish: finish ?? "", usage })
  }
}

/** A stream of `chat.completion.chunk`: a role, deltas, a finish reason, then usage without choices, then `[DONE]`. */
export const compatible = (): StreamAccumulator => {
  const answer = collected()
  let id: string | undefined
  let model: string | undefined
  return {
    add: ({ data, event }) => {
      if (data.trim() === "[DONE]") {
        answer.done()
        return done
      }
      const chunk = Option.getOrUndefined(parseJson(data))
      const fault = ServiceFault.inBody(chunk)
      if (event === "error" || fault !== undefined) return { _tag: "Fault", fault: fault ?? { message: data } }
      id = textOf(get(chunk, "id")) ?? id
      model = textOf(get(chunk, "model")) ?? model
      const choice = only(get(chunk, "choices"))
      // Some proxies put a whole answer into one event.
      const delta = get(choice, "delta") ?? get(choice, "message")
      return answer.take({
        texts: textsOf(get(delta, "content")),
        reasoning: textOf(get(delta, "reasoning_content")) ?? textOf(get(delta, "reasoning")),
        refusal: textOf(get(delta, "refusal")),
        finish: textOf(get(choice, "finish_reason")),
        usage: get(chunk, "usage")
      })
    },
    end: answer.end,
    size: answer.size,
    missing: answer.missing,
    body: () => {
      if (!answer.isWhole()) return undefined
      const { finish, refusal, text, usage } = answer.whole()
      const message = { role: "assistant", content: text, ...(refusal === "" ? {} : { refusal }) }
      const choice = { index: 0, message, finish_reason: finish }
      return JSON.stringify({ id, object: "chat.completion", model, choices: [choice], usage })
    }
  }
}

/** The status that DashScope puts into a comment. */
const statusIn = (comments: ReadonlyArray<string>): number | undefined => {
  const found = comments.map((comment) => /^HTTP_STATUS\/(\d+)$/.exec(comment)?.[1]).find((status) => status !== undefined)
  return found === undefined ? undefined : Number(found)
}

/** A stream of DashScope's own protocol with `incremental_output`: text by text, a finish reason of `"null"` until the end. */
export const native = (): StreamAccumulator => {
  const answer = collected()
  let requestId: string | undefined
  return {
    add: ({ comments, data, event }) => {
      const fault = ServiceFault.inText(data)
      if (event === "error" || fault !== undefined)
        return { _tag: "Fault", fault: { ...(fault ?? { message: data }), status: statusIn(comments) } }
      const chunk = Option.getOrUndefined(parseJson(data))
      const choice = first(get(get(chunk, "output"), "choices"))
      if (choice === undefined) return nothing
      requestId = textOf(get(chunk, "request_id")) ?? requestId
      const content = get(get(choice, "message"), "content")
      const reason = textOf(get(choice, "finish_reason"))
      const piece = answer.take({
        texts: textsOf(content),
        finish: reason === "null" ? undefined : reason,
        usage: get(chunk, "usage")
      })
      // The last frame says why and how much, and nothing follows it.
      return answer.isWhole() ? done : piece
    },
    end: answer.end,
    size: answer.size,
    missing: answer.missing,
    body: () => {
      if (!answer.isWhole()) return undefined
      const { finish, text, usage } = answer.whole()
      const content: Json = [{ text }]
      const output = { choices: [{ message: { role: "assistant", content }, finish_reason: finish }] }
      return JSON.stringify({ output, usage, request_id: requestId })
    }
  }
}
