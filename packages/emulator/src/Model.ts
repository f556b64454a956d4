import { Option, Schema } from "effect"
import type { Json } from "@mediaspool/core"
import { ModelCatalog } from "@mediaspool/plugins"
import * as Answers from "./Answers.js"
import type { Checked } from "./Validation.js"
import type { Fault } from "./Fault.js"
import type { Answer } from "./Response.js"
import * as Pictures from "./Pictures.js"
import type { Seen } from "./Pictures.js"
import type { Heard } from "./Sound.js"

const parseJson = Schema.decodeUnknownOption(Schema.parseJson())

const isJson = (value: unknown): value is Json => value !== undefined

/** The JSON schema that a prompt gives, after these words. */
const schemaIn = (prompt: string): Json | undefined => {
  const text = /JSON schema:\s*(\{[\s\S]*\})/.exec(prompt)?.[1]
  const parsed = text === undefined ? undefined : Option.getOrUndefined(parseJson(text))
  return isJson(parsed) ? parsed : undefined
}

const labelsIn = (prompt: string): ReadonlyArray<string> | undefined =>
  /Allowed labels: ([^\n]*?)\.?\n/.exec(`${prompt}\n`)?.[1]?.split(/,\s*/)

/** What the model says to a request: only what it heard, or for text what it read. */
const text = ({ audio, prompt, vendor }: Checked, heard: Heard, seen: Seen | undefined): string => {
  if (vendor.kind === "captioner") return Answers.caption(heard)
  const labels = labelsIn(prompt)
  if (labels !== undefined) return JSON.stringify({ tags: Answers.tags(heard, labels, seen) })
  const schema = schemaIn(prompt)
  if (schema !== undefined) return JSON.stringify(Answers.bySchema(schema, heard, "", seen))
  if (seen !== undefined)
    return heard.seconds === 0
      ? Pictures.describe(seen)
      : `${Pictures.describe(seen)} With it is heard: ${Answers.caption(heard)}`
  return audio === undefined ? `In short: ${Answers.caption(heard)}` : `To your question: ${Answers.caption(heard)}`
}

const chinese = "这段录音里有一个持续的音调,没有人说话。整体音量适中,没有明显的停顿。"

/** Where the model itself goes wrong. */
const distorted = (said: string, fault: Fault | undefined): string => {
  switch (fault?.kind) {
    case "fenced":
      return `\`\`\`json\n${said}\n\`\`\``
    case "prose":
      return `Sure! Here is what I found:\n\n${said}\n\nLet me know if you need anything else.`
    case "chinese":
      return chinese
    case "repetition":
      return `${said} ${"The tone goes on and on. ".repeat(400)}`
    case "empty":
      return ""
    case "not_json":
      return "I hear a tone, but I would rather describe it in words than label it."
    default:
      return said
  }
}

/** About what a tokenizer makes of it. */
const tokens = (text: string): number => Math.ceil(text.length / 4)

/** The model's answer, and what it costs. Less than a second counts as one. */
export const think = (
  checked: Checked,
  heard: Heard | undefined,
  tokensPerSecond: number,
  fault: Fault | undefined,
  seen?: Seen
): Answer => {
  const audioTokens = heard === undefined ? 0 : Math.ceil(Math.max(1, heard.seconds) * tokensPerSecond)
  const sound = heard ?? (seen === undefined ? Answers.reread(checked.prompt) : Answers.NOTHING)
  const said = distorted(text(checked, sound, seen), fault)
  const pictureTokens = Math.ceil((seen?.pictures ?? 0) * ModelCatalog.usualVideo.tokensPerFrame)
  const most = Math.min(checked.maxTokens, 2000)
  const cut = tokens(said) > most
  const kept = cut ? said.slice(0, most * 4) : said
  return {
    text: kept,
    finish: cut ? "length" : "stop",
    audioTokens,
    // The chat template's own tokens: eight in the vendor's sample.
    inputTokens: audioTokens + pictureTokens + 8 + tokens(checked.system) + tokens(checked.prompt),
    outputTokens: tokens(kept)
  }
}
