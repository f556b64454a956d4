import type { Kind } from "./Kind.js"

/** How many nodes a port takes: exactly one, at most one, or every earlier one that gives any of its kinds. */
export type Mode = "one" | "maybe" | "all"

/** An input of a stage: how many nodes it takes, and of which kinds. */
export interface Port<K extends Kind = Kind, M extends Mode = Mode> {
  readonly mode: M
  /** Empty only for `all()`: any kind, strangers' too. */
  readonly kinds: ReadonlyArray<K>
}

/** One node, of either kind: without a word in `from` one that gives the first, and only where there is none one of the others. */
export interface Either<F extends Kind = Kind, O extends Kind = Kind> extends Port<F | O, "one"> {
  readonly first: F
}

/** The inputs of a stage by name: a kind stands for exactly one. */
export type Ports = Readonly<Record<string, Kind | Port>>

/** At most one: `undefined` when no earlier node gives it, or when that node was skipped. */
export const maybe = <K extends Kind>(kind: K): Port<K, "maybe"> => ({ mode: "maybe", kinds: [kind] })

/** Exactly one, of either kind: a stage that gains a kind takes what it took in pipelines that were there before. */
export const either = <F extends Kind, const O extends ReadonlyArray<Kind>>(first: F, ...others: O): Either<F, O[number]> => ({
  mode: "one",
  kinds: [first, ...others],
  first
})

/** Every earlier node that settled and gives one of the kinds; without kinds, every earlier node. */
export function all(): Port<Kind, "all">
export function all<const K extends ReadonlyArray<Kind>>(...kinds: K): Port<K[number], "all">
export function all(...kinds: ReadonlyArray<Kind>): Port<Kind, "all"> {
  return { mode: "all", kinds }
}

/** The port as `{ mode, kinds }`, whichever way it was written. */
export const of = (port: Kind | Port): Port => ("mode" in port ? port : { mode: "one", kinds: [port] })

/** The kinds that a port takes. */
export type KindOf<P> = P extends Port<infer K, Mode> ? K : P
type TagOfKind<K> = K extends { readonly _tag: infer T extends string } ? T : never
/** The kind that is taken before the others. */
export type FirstTagOf<P> = P extends { readonly first: infer F } ? TagOfKind<F> : TagOf<P>
/** Their tags. */
export type TagOf<P> = KindOf<P> extends { readonly _tag: infer T extends string } ? T : never
/** How many nodes a port takes. */
export type ModeOf<P> = P extends Port<Kind, infer M> ? M : "one"

type Value<P> =
  P extends Port<infer K, infer M>
    ? M extends "all"
      ? ReadonlyArray<{ readonly node: string; readonly value: K["Type"] }>
      : M extends "one"
        ? K["Type"]
        : K["Type"] | undefined
    : P extends Kind
      ? P["Type"]
      : never

/** What `run` receives. */
export type Inputs<P extends Ports> = { readonly [I in keyof P]: Value<P[I]> }
