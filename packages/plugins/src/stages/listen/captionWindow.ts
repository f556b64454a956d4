import { Effect } from "effect"
import type { ModelSpec } from "../../models/catalog/ModelSpec.js"
import type * as Prompts from "../../models/Prompts.js"
import * as Repetition from "../../models/answers/Repetition.js"
import type { Listener, ListenError, WindowReply } from "./forEachWindow.js"

/**
 * One window's caption. An answer that goes round in circles, or is none, is asked for once more with another seed; then the better of
 * the two is taken as it is, and `post-process` cuts its circles.
 *
 * @param promptFor what a model is told; nothing where it knows what to do
 */
export const captionWindow =
  (promptFor: (model: ModelSpec) => Prompts.Prompt | undefined) =>
  ({ ask }: Listener): Effect.Effect<WindowReply<string>, ListenError, Effect.Effect.Context<ReturnType<Listener["ask"]>>> =>
    Effect.gen(function* () {
      const said: Array<{ readonly text: string; readonly provider: string; readonly model: string }> = []
      for (const again of [0, 1]) {
        const { completion, model, provider } = yield* ask(promptFor, again)
        if (completion._tag === "Moderated") return { _tag: "Omitted", reason: "moderated" }
        const { text, truncated } = completion
        if (text !== "" && !truncated && Repetition.find(text) === undefined)
          return { _tag: "Heard", value: text, provider, model }
        if (text !== "") said.push({ text, provider, model })
      }
      const best = said.toSorted((a, b) => Repetition.trim(b.text).length - Repetition.trim(a.text).length)[0]
      return best === undefined
        ? { _tag: "Omitted", reason: "empty" }
        : { _tag: "Heard", value: best.text, provider: best.provider, model: best.model }
    })
