import type { Entry } from "../store/Ledger.js"
import { decodeFailure, type NodeOutcome } from "./NodeOutcome.js"

/** What a node came to, as the ledger remembers it. */
export const of = (key: string, entry: Entry): Extract<NodeOutcome, { readonly _tag: "Value" | "Skipped" | "Failed" }> => {
  // Each field by itself: spreading an entry takes ten times as long, and a plan does it for each file and node.
  if (entry.outcome === "value")
    return { _tag: "Value", key, digest: entry.digest, stored: entry.value, file: entry.file, made: undefined }
  const failure = decodeFailure(entry.value ?? "")
  return entry.outcome === "skipped"
    ? { _tag: "Skipped", key, failure }
    : { _tag: "Failed", key, failure, attempts: 0, remembered: true }
}
