import { Either } from "effect"
import { existsSync, readFileSync } from "node:fs"
import { join } from "node:path"
import * as Digest from "../pipeline/Digest.js"
import type * as Key from "../pipeline/Key.js"
import { Location, Original } from "../stage/FileRef.js"
import type { Correct } from "../stage/SinkAnswers.js"
import type { Value } from "./NodeOutcome.js"
import type { CompiledNode } from "./CompiledPlan.js"
import type { RunState, ItemContext } from "./RunState.js"
import type { Places } from "./StoredForm.js"

const originalDigest = Digest.make(Original)
const locationDigest = Digest.make(Location)

/** Of the encoded form of core's own kinds, which JSON can always hold. */
const digestOf = (digest: Digest.Digest, file: Original | Location): string => Either.getOrThrow(digest({ ...file }))

/** What an item's nodes have given so far, as the next ones take it: by digest for their keys, by value for their runs. */
export class ItemValues {
  private readonly places: Places
  private readonly original: Original
  /** By place: what stands for what a node gave, where a person corrected it. */
  private readonly corrected = new Map<number, { readonly digest: string; readonly value: Value }>()

  constructor(
    private readonly state: Pick<RunState, "artifacts" | "compiled" | "verified">,
    private readonly itemContext: ItemContext
  ) {
    const { contentHash: hash, path, size } = itemContext
    this.places = { artifacts: state.artifacts.folder, original: path }
    this.original = new Original({ hash, size, path }, { disableValidation: true })
  }

  private get location(): Location {
    return new Location({ relativePath: this.itemContext.relativePath }, { disableValidation: true })
  }

  private of(index: number): Value | undefined {
    const outcome = this.itemContext.outcomes[index]
    return outcome?._tag === "Value" ? outcome : undefined
  }

  /** What a node takes of another: where it asks for people's words, those in the place of what the other said. */
  private input(node: CompiledNode, index: number): Value | undefined {
    const value = this.of(index)
    const correct = node.planned.stage.takesCorrections ? this.itemContext.wishes?.corrections.get(index) : undefined
    if (value === undefined || correct === undefined) return value
    const known = this.corrected.get(index)
    if (known?.digest === value.digest) return known.value
    const found = this.correct(index, value, correct)
    this.corrected.set(index, { digest: value.digest, value: found })
    return found
  }

  /** A value that can't be read, or not be kept as corrected, stands as it is. */
  private correct(index: number, value: Value, correct: Correct): Value {
    const made = value.made ?? this.decode(index, value)
    if (made === undefined) return value
    const replaced = correct(made.value)
    if (replaced === made.value) return value
    const recorded = this.state.compiled.nodes[index]?.record(replaced, this.state.artifacts.folder)
    return recorded === undefined || Either.isLeft(recorded)
      ? value
      : { ...value, ...recorded.right, file: undefined, made: { value: replaced } }
  }

  /** A node's inputs by digest. */
  given(node: CompiledNode): Record<string, Key.Given> {
    const given: Record<string, Key.Given> = {}
    for (const { from, mode, name, source } of node.ports) {
      if (source === "original") given[name] = digestOf(originalDigest, this.original)
      else if (source === "location") given[name] = digestOf(locationDigest, this.location)
      else if (mode === "all")
        given[name] = from.flatMap(({ index, name }) => {
          const value = this.input(node, index)
          return value === undefined ? [] : [{ node: name, digest: value.digest }]
        })
      else given[name] = from[0] && this.input(node, from[0].index)?.digest
    }
    return given
  }

  /** A node's inputs; or the place in the plan of the node whose result can't be used any more. */
  load(node: CompiledNode): Record<string, unknown> | number {
    const inputs: Record<string, unknown> = {}
    for (const { from, mode, name, source } of node.ports) {
      if (source !== undefined) {
        inputs[name] = source === "original" ? this.original : this.location
        continue
      }
      const values: Array<{ readonly node: string; readonly value: unknown }> = []
      for (const giver of from) {
        const outcome = this.input(node, giver.index)
        if (outcome === undefined) continue
        const made = outcome.made ?? this.decode(giver.index, outcome)
        if (made === undefined) return giver.index
        values.push({ node: giver.name, value: made.value })
      }
      inputs[name] = mode === "all" ? values : values[0]?.value
    }
    return inputs
  }

  /**
   * Files of earlier runs that a node would read, each with the place in the plan of the node that gave it: who reads them believes
   * them, so they are looked at first.
   */
  unverified(node: CompiledNode): ReadonlyArray<{ readonly index: number; readonly path: string }> {
    // A sink keeps what it is given, and opens no file.
    if (node.planned.stage.sink) return []
    return node.ports.flatMap(({ from }) =>
      from.flatMap(({ index }) => {
        const outcome = this.of(index)
        const giver = this.state.compiled.nodes[index]
        if (outcome === undefined || outcome.made !== undefined || giver === undefined) return []
        return giver.form
          .artifacts(this.read(outcome))
          .filter((path) => !this.state.verified.has(path))
          .map((path) => ({ index, path }))
      })
    )
  }

  /** Whether the files that belong to a result are where they were put. */
  filesStand(node: CompiledNode, value: Value): boolean {
    const stored = this.read(value)
    return stored !== undefined && node.form.artifacts(stored).every((path) => existsSync(join(this.places.artifacts, path)))
  }

  /** The stored form of a value, parsed; `undefined` when it isn't there or is no JSON. */
  private read({ file, stored }: Value): unknown {
    try {
      const text = stored ?? (file === undefined ? undefined : readFileSync(join(this.places.artifacts, file), "utf8"))
      return text === undefined ? undefined : JSON.parse(text)
    } catch {
      return undefined
    }
  }

  private decode(index: number, outcome: Value): Value["made"] {
    const giver = this.state.compiled.nodes[index]
    const stored = this.read(outcome)
    if (giver === undefined || stored === undefined) return undefined
    const decoded = giver.decode(giver.form.restore(stored, this.places))
    if (Either.isLeft(decoded)) return undefined
    const made = { value: decoded.right }
    this.itemContext.outcomes[index] = { ...outcome, made }
    return made
  }
}
