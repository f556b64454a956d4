import { Tag } from "../../kinds.js"
import type { Found } from "../../models/answers/TagReply.js"
import type { WindowResults } from "./forEachWindow.js"

interface Open {
  readonly best: Found
  readonly startSeconds: number
  readonly endSeconds: number
}

const surer = (a: Found, b: Found): Found => ((b.confidence ?? 0) > (a.confidence ?? 0) ? b : a)

/**
 * The tags of a sound from those of its windows: the same label in windows that touch is one tag over both, with the surest's word,
 * confidence and evidence. Sound heard in one piece has tags without bounds.
 */
export const merge = (heard: WindowResults<ReadonlyArray<Found>>): ReadonlyArray<Tag> => {
  const done: Array<Open & { readonly label: string }> = []
  let open = new Map<string, Open>()
  const close = (label: string, span: Open) => done.push({ label, ...span })
  for (const { endSeconds, said, startSeconds } of heard.windows) {
    const next = new Map<string, Open>()
    for (const found of said) {
      const before = open.get(found.label)
      const joined = before !== undefined && before.endSeconds === startSeconds
      next.set(found.label, {
        best: joined ? surer(before.best, found) : found,
        startSeconds: joined ? before.startSeconds : startSeconds,
        endSeconds
      })
      if (joined) open.delete(found.label)
    }
    for (const [label, span] of open) close(label, span)
    open = next
  }
  for (const [label, span] of open) close(label, span)
  return done
    .sort((a, b) => a.startSeconds - b.startSeconds)
    .map(
      ({ best: { confidence, evidence, label, raw }, endSeconds, startSeconds }) =>
        new Tag({
          label,
          raw,
          ...(confidence === undefined ? {} : { confidence }),
          ...(evidence === undefined ? {} : { evidence }),
          ...(heard.whole ? {} : { startSeconds, endSeconds })
        })
    )
}
