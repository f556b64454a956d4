import { Effect, Either } from "effect"
import { ModelError } from "../../models/ModelError.js"
import * as Prompts from "../../models/Prompts.js"
import * as ModelCall from "../../models/ModelCall.js"
import * as ServiceFault from "../../models/client/ServiceFault.js"
import type { Sampling } from "../../models/client/RequestBody.js"
import type { Routes } from "./ListenConfig.js"

/** An answer that a program has to read. */
export interface Reading<A> {
  readonly routes: Routes
  /** What was asked for, as the model was told. */
  readonly request: string
  readonly sampling: Sampling
  readonly identity: ModelCall.ModelCall<never, never>["identity"]
  /** The value, or what is wrong with the answer. */
  readonly read: (text: string) => Either.Either<A, string>
}

/**
 * Reads an answer. One that can't be read is sent back once, without the audio, to be put into form; when that can't be read either,
 * the failure quotes it, and both are in the call log.
 */
export const readable = <A>(text: string, { identity, read, request, routes, sampling }: Reading<A>) =>
  Effect.gen(function* () {
    const first = read(text)
    if (Either.isRight(first)) return first.right
    const prompt = Prompts.repair(request, text, first.left)
    const { completion } = yield* ModelCall.ask({ routes, identity, prompt: () => prompt, sampling })
    const repaired = completion._tag === "Said" ? completion.text : ""
    const second = read(repaired)
    if (Either.isRight(second)) return second.right
    return yield* new ModelError({
      code: "NotUnderstood",
      detail: `the answer of '${routes[0].model.name}' can't be read (${first.left}), nor can its correction (${second.left}): ${ServiceFault.quote(text)}`
    })
  })
