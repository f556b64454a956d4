import { Effect, type Schema } from "effect"
import type { Money, Usage } from "./Cost.js"
import type { StageFailure } from "./Failure.js"
import type { Json } from "./Json.js"
import type { Kind } from "./Kind.js"
import type { Inputs, Ports } from "./Port.js"
import type { SecretRef } from "./Secret.js"
import type { SinkAnswers } from "./SinkAnswers.js"

/** The errors of a stage, as one schema. */
export type ErrorSchema = Schema.Schema<any, any> & { readonly Type: StageFailure }

/** What is known of a file before a stage runs on it. */
export interface MediaLength {
  /** Of the sound or picture. */
  readonly seconds: number
}

/** Paid requests of one model, as they are expected. */
export interface CallEstimate {
  /** Who is paid, as calls name it. */
  readonly account: string
  readonly model: string
  readonly requests: number
  /** Of all of them together. */
  readonly usage: Usage
  /** What a usage costs; `undefined` where no price is known. */
  readonly price: ((usage: Usage) => Money) | undefined
  /** How many the account lets through in a minute; `undefined`: any number. */
  readonly requestsPerMinute?: number | undefined
}

/** What an author says of a stage. */
export interface Definition<
  Name extends string,
  In extends Ports,
  Out extends Kind,
  C extends Schema.Schema.AnyNoContext,
  E extends ErrorSchema,
  R,
  F = NoInfer<E["Type"]>
> {
  /** What `use` says in a config, and the name of a node that has no other: lower case and `-`. */
  readonly name: Name
  /** Raised when the same inputs and config give another output: older results are then no longer used. */
  readonly version: number
  /** One line for `spool stages` and the reference. */
  readonly summary: string
  /** The inputs by name, each a kind, `either(…)`, `maybe(kind)` or `all(…)`. */
  readonly input: In
  /** The kind of what `run` gives; later stages ask for it. */
  readonly output: Out
  /** A struct of {@link Field}s; a field equal to its default stays out of the result key. */
  readonly config: C
  /** All that `run` may fail with: one failure class, or a `Schema.Union` of several. `Failure.None` for a stage that can't fail. */
  readonly error: E
  /** Once for each file. It may be interrupted at any time, and run again for the same inputs. */
  readonly run: (inputs: Inputs<In>, config: C["Type"]) => Effect.Effect<Out["Type"], F, R>
  /** The output isn't a function of the key (a model with temperature, a random choice). Default false. */
  readonly nondeterministic?: boolean
  /** It reads `Node.note`, what a person asks it to mind for one file, which is then part of the file's key. Default false. */
  readonly takesNotes?: boolean
  /** It is given what people put in the place of what nodes said, where they did: captions and tags as corrected. Default false. */
  readonly takesCorrections?: boolean
  /** What else the output depends on, once per node and run: a model's name, a vocabulary's version. Never an alias, a URL or a key. */
  readonly keyParts?:
    ((config: C["Type"]) => Effect.Effect<{ readonly [key: string]: Json }, NoInfer<E["Type"]>, NoInfer<R>>) | undefined
  /** Where the secrets are that `run` will ask for: `spool check --env` looks whether they are there. Nothing is resolved here. */
  readonly secrets?: ((config: C["Type"]) => Effect.Effect<ReadonlyArray<SecretRef>, NoInfer<E["Type"]>, NoInfer<R>>) | undefined
  /** The paid requests that a file needs, before anything runs: for `spool plan`. Nothing is sent. */
  readonly estimate?:
    | ((media: MediaLength, config: C["Type"]) => Effect.Effect<ReadonlyArray<CallEstimate>, NoInfer<E["Type"]>, NoInfer<R>>)
    | undefined
  /** The outside service that the stage leans on (`provider:dashscope-intl`): a `later` failure opens its breaker, and work for it waits. */
  readonly resource?: ((config: C["Type"]) => string) | undefined
  /** Configs for the reference; each is decoded by a test. */
  readonly examples?: ReadonlyArray<{ readonly title: string; readonly with: C["Encoded"] }>
}

type TagOf<E> = E extends { readonly _tag: infer Tag extends string } ? Tag : "an error without a _tag"

/** Stands at `error` where `run` fails with what isn't declared there, as a sentence for its author. */
export type Declares<E, F> = 0 extends 1 & F
  ? unknown
  : [Exclude<F, E>] extends [never]
    ? unknown
    : {
        readonly error: `run fails with '${TagOf<Exclude<F, E>>}', which 'error' does not declare: add it, as in Schema.Union(A, B)`
      }

/**
 * One step of a pipeline, as a value. It runs as a plain Effect too, without pipeline, file or ledger:
 * `loudness.run({ file }, config)`.
 */
export interface Stage<
  Name extends string,
  In extends Ports,
  Out extends Kind,
  C extends Schema.Schema.AnyNoContext,
  E extends StageFailure,
  R
> extends Omit<
  Definition<Name, In, Out, C, Schema.Schema<E, any>, R>,
  "keyParts" | "secrets" | "estimate" | "nondeterministic" | "takesNotes" | "takesCorrections" | "examples"
> {
  readonly keyParts?: ((config: C["Type"]) => Effect.Effect<{ readonly [key: string]: Json }, E, R>) | undefined
  readonly secrets?: ((config: C["Type"]) => Effect.Effect<ReadonlyArray<SecretRef>, E, R>) | undefined
  readonly estimate?: ((media: MediaLength, config: C["Type"]) => Effect.Effect<ReadonlyArray<CallEstimate>, E, R>) | undefined
  readonly nondeterministic: boolean
  readonly takesNotes: boolean
  readonly takesCorrections: boolean
  readonly examples: ReadonlyArray<{ readonly title: string; readonly with: C["Encoded"] }>
  /** Of a stage that writes to a place of its own and isn't remembered by the ledger; made by `Sink.make`. */
  readonly sink: SinkAnswers<E, R> | undefined
}

/** Any stage, for modules that handle them all alike. */
export type AnyStage = Stage<string, any, Kind, any, any, any>

type Work = Effect.Effect<any, any, any>

const aroundSink = (
  { batch, corrections, isExcluded, isWritten, notes }: SinkAnswers<any, any>,
  wrap: (work: Work) => Work
): SinkAnswers<any, any> => {
  const correctionsOf = batch?.corrections
  return {
    isWritten: isWritten && ((node) => wrap(isWritten(node))),
    isExcluded: isExcluded && ((contentHash) => wrap(isExcluded(contentHash))),
    notes: notes && ((pipeline, contentHash) => wrap(notes(pipeline, contentHash))),
    corrections: corrections && ((pipeline, contentHash) => wrap(corrections(pipeline, contentHash))),
    batch: batch && {
      written: (place, keys) => wrap(batch.written(place, keys)),
      excluded: (contentHashes) => wrap(batch.excluded(contentHashes)),
      notes: (pipeline, contentHashes) => wrap(batch.notes(pipeline, contentHashes)),
      corrections: correctionsOf && ((pipeline, contentHashes) => wrap(correctionsOf(pipeline, contentHashes)))
    }
  }
}

/** The stage with `wrap` around all that it does: to give it another service than the one that is there. */
export const around = (stage: AnyStage, wrap: (work: Work) => Work): AnyStage => {
  const { estimate, keyParts, run, secrets, sink } = stage
  return {
    ...stage,
    run: (inputs, config) => {
      const work = run(inputs, config)
      // What is no Effect is told as that where it is run.
      return Effect.isEffect(work) ? wrap(work) : work
    },
    keyParts: keyParts && ((config) => wrap(keyParts(config))),
    secrets: secrets && ((config) => wrap(secrets(config))),
    estimate: estimate && ((media, config) => wrap(estimate(media, config))),
    sink: sink && aroundSink(sink, wrap)
  }
}

/** The services that a stage's `run` needs. */
export type Context<S extends AnyStage> = S extends AnyStage ? Effect.Effect.Context<ReturnType<S["run"]>> : never

/** A stage from what its author says. */
export const complete = <
  Name extends string,
  In extends Ports,
  Out extends Kind,
  C extends Schema.Schema.AnyNoContext,
  E extends ErrorSchema,
  R
>(
  stage: Definition<Name, In, Out, C, E, R>
): Stage<Name, In, Out, C, E["Type"], R> => ({
  nondeterministic: false,
  takesNotes: false,
  takesCorrections: false,
  sink: undefined,
  examples: [],
  ...stage
})

/**
 * Makes a stage. An error that isn't declared, an output of another kind, or a config that doesn't decode is refused by the compiler.
 *
 * @example
 * Stage.make({ name: "loudness", version: 1, summary: "Measures programme loudness (EBU R128)",
 *   input: { file: SourceFile }, output: Loudness, config: Schema.Struct({}), error: MediaError,
 *   run: ({ file }) => measure(file) })
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
  stage: Definition<Name, In, Out, C, E, R, F> & Declares<E["Type"], F>
): Stage<Name, In, Out, C, E["Type"], R> =>
  // What it may fail with has just been compared.
  complete<Name, In, Out, C, E, R>(stage as Definition<Name, In, Out, C, E, R>)
