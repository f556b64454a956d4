import type { Library, LibraryError } from "@mediaspool/core"
import { Likeness } from "@mediaspool/plugins"
import { Effect } from "effect"
import { refused, type Refused } from "../api/Problem.js"

const SHOWN = 12

/** The files that sound most like a content, nearest first. */
export const to = (contentHash: string): Effect.Effect<ReadonlyArray<Likeness.Near>, LibraryError | Refused, Library> =>
  Effect.gen(function* () {
    const vector = yield* Likeness.vectorOf(contentHash, Likeness.TIMBRE)
    if (vector === undefined)
      return yield* refused("QueryRefused", "nothing is known of its timbre: add the stage `timbre` to the pipeline, and run it")
    const options = { except: contentHash, hint: "add the stage `timbre` to the pipeline, and run it", limit: SHOWN }
    const { near } = yield* Effect.catchTag(Likeness.nearest(vector, Likeness.TIMBRE, "", options), "SearchError", ({ detail }) =>
      refused("QueryRefused", detail)
    )
    return near
  })
