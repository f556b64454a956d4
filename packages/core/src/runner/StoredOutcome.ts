import type { Entry } from "../store/Ledger.js"
import { decodeFailure, type NodeOutcome } from "./NodeOutcome.js"

/** What a node came to, as the ledger remembers it. */
export const of = (key: string, entry: Entry): Extract<NodeOutcome, { readonly _tag: "Value" | "Skipped" | "Failed" }> => {
  if (entry.outcome === "value") return { ...entry, _tag: "Value", key, stored: entry.value, made: undefined }
  const failure = decodeFailure(entry.value ?? "")
  return entry.outcome === "skipped"
    ? { _tag: "Skipped", key, failure }
    : { _tag: "Failed", key, failure, attempts: 0, remembered: true }
}
