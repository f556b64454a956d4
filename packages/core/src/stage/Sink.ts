import type { Schema } from "effect"
import type { StageFailure } from "./Failure.js"
import type { Kind } from "./Kind.js"
import type { Ports } from "./Port.js"
import type { SinkAnswers } from "./SinkAnswers.js"
import * as Stage from "./Stage.js"

/** A stage that writes to a place of its own. */
export interface Sink<
  Name extends string,
  In extends Ports,
  Out extends Kind,
  C extends Schema.Schema.AnyNoContext,
  E extends StageFailure,
  R
> extends Stage.Stage<Name, In, Out, C, E, R> {
  readonly sink: SinkAnswers<E, R>
}

/**
 * Makes a sink: a stage that writes to a place of its own, in that place's transaction. The ledger doesn't remember it.
 *
 * @example
 * Sink.make({ name: "post", version: 1, summary: "Posts each caption", input: { caption: Caption }, output: Posted,
 *   config: Field.none, error: PostError, isWritten: ({ key }) => isPosted(key), run: ({ caption }) => post(caption) })
 */
export const make = <
  const Name extends string,
  const In extends Ports,
  Out extends Kind,
  C extends Schema.Schema.AnyNoContext,
  E extends Schema.Schema.AnyNoContext & { readonly Type: StageFailure },
  R,
  F = E["Type"]
>(
  sink: Stage.Definition<Name, In, Out, C, E, R, F> & SinkAnswers<NoInfer<E["Type"]>, NoInfer<R>> & Stage.Declares<E["Type"], F>
): Sink<Name, In, Out, C, E["Type"], R> => {
  // What it may fail with has just been compared.
  const { batch, corrections, isExcluded, isWritten, notes, ...stage } = sink as Stage.Definition<Name, In, Out, C, E, R> &
    SinkAnswers<E["Type"], R>
  return { ...Stage.complete<Name, In, Out, C, E, R>(stage), sink: { isWritten, isExcluded, notes, corrections, batch } }
}
