import type { Json } from "@mediaspool/core"
import * as ServiceFault from "./ServiceFault.js"

/** Puts an answer together from the pieces of a stream. */
export interface StreamAccumulator {
  /** Takes a piece; gives the fault when the piece is an error's. */
  readonly add: (chunk: unknown) => ServiceFault.Fault | undefined
  /** The answer as one body, or what is missing from it. */
  readonly body: () => { readonly body: string } | { readonly missing: string }
}

const get = (value: unknown, name: string): unknown =>
  typeof value === "object" && value !== null ? Reflect.get(value, name) : undefined
const textOf = (value: unknown): string | undefined => (typeof value === "string" ? value : undefined)

/** A stream of `chat.completion.chunk`: a role, deltas, a finish reason, then usage without choices. */
export const compatible = (): StreamAccumulator => {
  const parts: Array<string> = []
  let finish: string | undefined
  let usage: unknown
  let id: string | undefined
  let model: string | undefined
  return {
    add: (chunk) => {
      const choices = get(chunk, "choices")
      if (!Array.isArray(choices)) return ServiceFault.inBody(chunk)
      id = textOf(get(chunk, "id")) ?? id
      model = textOf(get(chunk, "model")) ?? model
      const choice: unknown = choices[0]
      const content = textOf(get(get(choice, "delta"), "content"))
      if (content !== undefined) parts.push(content)
      finish = textOf(get(choice, "finish_reason")) ?? finish
      usage = get(chunk, "usage") ?? usage
      return undefined
    },
    body: () => {
      if (finish === undefined) return { missing: "a finish reason" }
      if (usage === undefined) return { missing: "the usage" }
      const choice = { index: 0, message: { role: "assistant", content: parts.join("") }, finish_reason: finish }
      return { body: JSON.stringify({ id, object: "chat.completion", model, choices: [choice], usage }) }
    }
  }
}

/** A stream of DashScope's own protocol with `incremental_output`: text by text, a finish reason of `"null"` until the end. */
export const native = (): StreamAccumulator => {
  const parts: Array<string> = []
  let finish: string | undefined
  let usage: unknown
  let requestId: string | undefined
  return {
    add: (chunk) => {
      const choices = get(get(chunk, "output"), "choices")
      if (!Array.isArray(choices)) return ServiceFault.inBody(chunk)
      const choice: unknown = choices[0]
      const content = get(get(choice, "message"), "content")
      for (const part of Array.isArray(content) ? content : [{ text: content }]) {
        const text = textOf(get(part, "text"))
        if (text !== undefined) parts.push(text)
      }
      const reason = textOf(get(choice, "finish_reason"))
      if (reason !== undefined && reason !== "null" && reason !== "") finish = reason
      usage = get(chunk, "usage") ?? usage
      requestId = textOf(get(chunk, "request_id")) ?? requestId
      return undefined
    },
    body: () => {
      if (finish === undefined) return { missing: "a finish reason" }
      if (usage === undefined) return { missing: "the usage" }
      const content: Json = [{ text: parts.join("") }]
      const output = { choices: [{ message: { role: "assistant", content }, finish_reason: finish }] }
      return { body: JSON.stringify({ output, usage, request_id: requestId }) }
    }
  }
}
