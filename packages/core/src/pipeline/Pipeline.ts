import type { Effect, Schema, Types } from "effect"
import type { Budget } from "../stage/Budget.js"
import type { FirstTagOf, ModeOf, TagOf } from "../stage/Port.js"
import type { AnyStage } from "../stage/Stage.js"
import type { NodeSettings } from "../config/NodeSettings.js"
import type { PipelineTests } from "../config/PipelineTest.js"
import { PipelineTypeId } from "../config/PipelineTypeId.js"
import type { SourceConfig } from "../config/SourceConfig.js"

/** The nodes so far with what they give: a union such as `"probe: Probe" | "copy: AudioFile"`. Text is the cheapest thing to compare. */
type Gives = `${string}: ${string}`
type NameOf<Nodes> = Nodes extends `${infer N}: ${string}` ? N : never
type KindsOf<Nodes, N extends string> = Nodes extends `${N}: ${infer Tag}` ? Tag : never
/** `all()` without kinds takes every node of the pipeline, but not core itself. */
type Givers<Nodes, Tag extends string> = string extends Tag
  ? Exclude<NameOf<Nodes>, "source">
  : Nodes extends `${infer N}: ${Tag}`
    ? N
    : never

type Several<U, V = U> = [U] extends [never] ? false : U extends V ? ([V] extends [U] ? false : true) : never
/** The last member of a union, for lists in messages: reached only when there is a fault. */
type Last<U> = (U extends unknown ? (member: () => U) => void : never) extends (last: infer I) => void
  ? I extends () => infer L
    ? L & string
    : never
  : never
type Commas<U, L extends string = Last<U>> = [Exclude<U, L>] extends [never] ? `'${L}'` : `${Commas<Exclude<U, L>>}, '${L}'`
type And<U, L extends string = Last<U>> = [Exclude<U, L>] extends [never] ? `'${L}'` : `${Commas<Exclude<U, L>>} and '${L}'`
type Or<U, L extends string = Last<U>> = string extends U
  ? "nodes of the pipeline"
  : [Exclude<U, L>] extends [never]
    ? L
    : `${Or<Exclude<U, L>>} or ${L}`

/** The law of wiring at compile time. {@link wire} says the same when a file is loaded, in the same words. */
type Fault<Nodes extends Gives, In, F> =
  | {
      [I in keyof In & string]: I extends keyof F
        ? Given<I, TagOf<In[I]>, ModeOf<In[I]>, Nodes, F[I]>
        : Open<I, TagOf<In[I]>, ModeOf<In[I]>, Preferred<Givers<Nodes, FirstTagOf<In[I]>>, Givers<Nodes, TagOf<In[I]>>>>
    }[keyof In & string]
  | (Exclude<keyof F, keyof In> extends infer I extends string ? `no input is named '${I}'` : never)
/** The first unless there are none. */
type Preferred<First extends string, All extends string> = [First] extends [never] ? All : First
type Open<I extends string, Tag extends string, M, Fits extends string> = M extends "all"
  ? never
  : Several<Fits> extends true
    ? `input '${I}' is ambiguous: ${And<Fits>} give ${Or<Tag>}; choose one with 'from'`
    : [Fits, M] extends [never, "one"]
      ? `input '${I}' is missing: no earlier node gives ${Or<Tag>}`
      : never
type Given<I extends string, Tag extends string, M, Nodes, Chosen> =
  Chosen extends ReadonlyArray<infer N>
    ? M extends "all"
      ? Choice<I, Tag, Nodes, N>
      : `input '${I}' takes one node, not a list`
    : Choice<I, Tag, Nodes, Chosen>
type Choice<I extends string, Tag extends string, Nodes, N> = N extends string
  ? string extends N
    ? never
    : N extends Givers<Nodes, Tag>
      ? never
      : N extends NameOf<Nodes>
        ? `input '${I}' takes ${Or<Tag>}, but '${N}' gives ${Or<KindsOf<Nodes, N>>}`
        : `no earlier node is named '${N}'`
  : never

/** The config fields that must be given. */
type Needed<C> = { [K in keyof C]-?: {} extends Pick<C, K> ? never : K }[keyof C] & string
/** Fields that are needed and not among those that were given. */
type Lacking<C, Given> = Exclude<Needed<C>, Given> extends infer K extends string ? `'${K}' is missing in 'with'` : never

/** What the name of the next node must be: itself, or all that is wrong with the node. */
type Named<Nodes extends Gives, N extends string, S extends AnyStage, F, Given> =
  N extends NameOf<Nodes>
    ? `node '${N}' exists already`
    : [Fault<Nodes, S["input"], F> | Lacking<S["config"]["Encoded"], Given>] extends [never]
      ? N
      : Fault<Nodes, S["input"], F> | Lacking<S["config"]["Encoded"], Given>

/** Any name is taken, so that the message is ours; the editor still offers the nodes that fit. */
type From<Nodes extends Gives, In> = {
  readonly [I in keyof In]?: Wire<Givers<Nodes, TagOf<In[I]>>>
} & { readonly [input: string]: unknown }
type Wire<Fits extends string> = Fits | (string & {}) | ReadonlyArray<Fits | (string & {})>

type Written = typeof NodeSettings.Encoded
/** A node's settings that don't depend on its stage. */
export interface Knobs {
  readonly retry?: NonNullable<Written["retry"]>
  readonly timeout?: NonNullable<Written["timeout"]>
  readonly concurrency?: NonNullable<Written["concurrency"]>
}
/** Any of the stage's fields may be left out here, so that the message about one that is missing is ours. */
type With<C, Given extends keyof C> = [keyof C] extends [never]
  ? { readonly with?: { readonly [field: string]: "this stage has no config" } }
  : { readonly with?: Pick<C, Given> }
/** The third argument: the same as the node in the file, where the stage stands under `use`. */
export type Settings<C, F, Given extends keyof C> = Knobs & { readonly from?: F } & With<C, Given>

/** A node as it was added. */
export interface AddedNode {
  readonly name: string
  readonly stage: AnyStage
  readonly settings: object
}

/** What belongs to a pipeline besides its nodes. */
export interface Options {
  readonly source?: typeof SourceConfig.Encoded
  /** Settings of the first node, `ingest`, which is there in every pipeline. */
  readonly ingest?: Knobs & { readonly with?: object }
  /** What its paid calls may cost. */
  readonly budget?: typeof Budget.Encoded
  readonly tests?: typeof PipelineTests.Encoded
}

/** A pipeline as data: what its stages fail with (`E`) and need (`R`) is in its type. */
export interface Pipeline<Nodes extends Gives, E = never, R = never> {
  readonly [PipelineTypeId]: { readonly errors: Types.Covariant<E>; readonly requirements: Types.Covariant<R> }
  readonly name: string
  readonly options: Options
  readonly nodes: ReadonlyArray<AddedNode>
  /**
   * The pipeline with one more node. Wiring that isn't right does not compile.
   *
   * @example Pipeline.make("sounds").add("probe", probe).add("copy", transcode, { with: { format: "mp3" } })
   */
  readonly add: <
    const N extends string,
    S extends AnyStage,
    const F extends From<Nodes, S["input"]> = {},
    Given extends keyof S["config"]["Encoded"] = never
  >(
    name: Named<Nodes, N, S, F, Given>,
    stage: S,
    settings?: Settings<S["config"]["Encoded"], F, Given>
  ) => Pipeline<
    Nodes | `${N}: ${S["output"]["_tag"]}`,
    E | Schema.Schema.Type<S["error"]>,
    R | Effect.Effect.Context<ReturnType<S["run"]>>
  >
}

/** Any pipeline, as data. */
export type AnyPipeline = Omit<Pipeline<any, any, any>, "add">

const grow = (name: string, options: Options, nodes: ReadonlyArray<AddedNode>): Pipeline<any> => ({
  [PipelineTypeId]: { errors: (e: never) => e, requirements: (r: never) => r },
  name,
  options,
  nodes,
  add: (node: any, stage: any, settings: any = {}) => grow(name, options, [...nodes, { name: node, stage, settings }])
})

/** A pipeline that begins with `ingest`, which lets the file in; core itself, as `source`, gives what is known before. */
export const make = (
  name: string,
  options: Options = {}
): Pipeline<"source: Original" | "source: Location" | "ingest: SourceFile"> => grow(name, options, [])

/** Whether a value was made by {@link make}, of this copy of core or another. */
export const isPipeline = (value: unknown): value is AnyPipeline =>
  typeof value === "object" && value !== null && PipelineTypeId in value
