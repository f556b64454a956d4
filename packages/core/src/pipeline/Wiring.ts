import { Location, Original } from "../stage/FileRef.js"
import * as Kind from "../stage/Kind.js"
import * as Port from "../stage/Port.js"
import type { AnyStage } from "../stage/Stage.js"
import { SOURCE } from "./Plan.js"

/** A node as it was asked for: what wiring needs of it. */
export interface Asked {
  readonly name: string
  /** Absent when nobody knows the stage: then what it gives is unknown too, and nothing is said of it. */
  readonly stage: AnyStage | undefined
  /** Input port → the node, or for an `all` port the nodes, that give it. */
  readonly from?: Readonly<Record<string, string | ReadonlyArray<string>>> | undefined
}

/** Why a node can't be wired. The words are those of the compiler for the same mistake in {@link Pipeline.make}. */
export interface WiringFault {
  readonly node: string
  /** Below the node: `["from", "audio"]`, or empty for the node itself. */
  readonly path: ReadonlyArray<string>
  readonly message: string
  /** What would fit. */
  readonly candidates: ReadonlyArray<string>
}

type Inputs = Readonly<Record<string, ReadonlyArray<string>>>

/** Every port of every node, and every fault. */
export interface Wired {
  /** By node. */
  readonly inputs: ReadonlyMap<string, Inputs>
  readonly faults: ReadonlyArray<WiringFault>
}

interface Gives {
  readonly node: string
  /** `undefined` when nobody knows the stage. */
  readonly kind: Kind.Kind | undefined
}

/** `'a'`, `'a' and 'b'`, `'a', 'b' and 'c'` */
const list = (names: ReadonlyArray<string>): string => {
  const quoted = names.map((name) => `'${name}'`)
  return quoted.length < 2 ? quoted.join() : `${quoted.slice(0, -1).join(", ")} and ${quoted.at(-1)}`
}

/**
 * The law of wiring: an input takes the node that gives its kind when there is exactly one above, else the one that `from` names.
 * `either` looks for its first kind before the others; `maybe` may stay open; `all` takes every node above that gives one of its kinds. What core itself gives (`Original`, `Location`)
 * goes to the ports that ask for it by kind.
 *
 * @param asked in the order of the file: above means earlier
 */
export const wire = (asked: ReadonlyArray<Asked>): Wired => {
  const above: Array<Gives> = [
    { node: SOURCE, kind: Original },
    { node: SOURCE, kind: Location }
  ]
  const inputs = new Map<string, Inputs>()
  const faults: Array<WiringFault> = []
  for (const { from = {}, name, stage } of asked) {
    const fault = (path: ReadonlyArray<string>, message: string, candidates: ReadonlyArray<string> = []) =>
      void faults.push({ node: name, path, message, candidates })
    if (above.some(({ node }) => node === name)) fault([], `node '${name}' exists already`)
    if (stage === undefined) {
      above.push({ node: name, kind: undefined })
      continue
    }
    for (const input of Object.keys(from))
      if (!Object.hasOwn(stage.input, input)) fault(["from", input], `no input is named '${input}'`, Object.keys(stage.input))
    const wired: Record<string, ReadonlyArray<string>> = {}
    for (const input of Object.keys(stage.input)) {
      const port = Port.of(stage.input[input])
      const fits = fitting(port, above)
      const chosen = Object.hasOwn(from, input) ? from[input] : undefined
      wired[input] =
        chosen === undefined
          ? open(input, port, preferred(port, fits, above), above, fault)
          : given(input, port, fits, above, chosen, fault)
    }
    inputs.set(name, wired)
    above.push({ node: name, kind: stage.output })
  }
  return { inputs, faults }
}

type Report = (path: ReadonlyArray<string>, message: string, candidates?: ReadonlyArray<string>) => void

/** The nodes above that give one of the port's kinds. `all()` means the nodes of the pipeline, not core itself. */
const fitting = ({ kinds }: Port.Port, above: ReadonlyArray<Gives>): ReadonlyArray<string> =>
  above
    .filter(({ kind: given, node }) =>
      kinds.length === 0
        ? node !== SOURCE
        : given !== undefined && kinds.some((kind) => Kind.identifierOf(kind) === Kind.identifierOf(given))
    )
    .map(({ node }) => node)

/** Those that give a port's first kind, if it has one that goes before the others. */
const preferred = (port: Port.Port, fits: ReadonlyArray<string>, above: ReadonlyArray<Gives>): ReadonlyArray<string> => {
  const best = "first" in port ? fitting({ mode: port.mode, kinds: port.kinds.slice(0, 1) }, above) : fits
  return best.length > 0 ? best : fits
}

const tagsOf = ({ kinds }: Port.Port, above: ReadonlyArray<Gives>): string => {
  const others = above.flatMap(({ kind }) => (kind === undefined ? [] : [kind]))
  return kinds.length === 0 ? "nodes of the pipeline" : kinds.map((kind) => Kind.shown(kind, others)).join(" or ")
}

/** An input that `from` doesn't name. */
const open = (
  input: string,
  port: Port.Port,
  fits: ReadonlyArray<string>,
  above: ReadonlyArray<Gives>,
  fault: Report
): ReadonlyArray<string> => {
  if (port.mode === "all") return fits
  if (fits.length > 1)
    fault([], `input '${input}' is ambiguous: ${list(fits)} give ${tagsOf(port, above)}; choose one with 'from'`, fits)
  if (fits.length === 0 && port.mode === "one")
    fault([], `input '${input}' is missing: no earlier node gives ${tagsOf(port, above)}`)
  return fits
}

/** An input that `from` names. */
const given = (
  input: string,
  port: Port.Port,
  fits: ReadonlyArray<string>,
  above: ReadonlyArray<Gives>,
  chosen: string | ReadonlyArray<string>,
  fault: Report
): ReadonlyArray<string> => {
  const nodes = typeof chosen === "string" ? [chosen] : chosen
  if (port.mode !== "all" && typeof chosen !== "string")
    fault(["from", input], `input '${input}' takes one node, not a list`, fits)
  for (const node of nodes) {
    const gives = above
      .filter((giver) => giver.node === node)
      .map(({ kind }) => (kind === undefined ? undefined : Kind.shown(kind, port.kinds)))
    if (gives.length === 0) fault(["from", input], `no earlier node is named '${node}'`, fits)
    else if (!fits.includes(node) && !gives.includes(undefined))
      fault(["from", input], `input '${input}' takes ${tagsOf(port, above)}, but '${node}' gives ${gives.join(" or ")}`, fits)
  }
  // In the plan's order, each once.
  return above.map(({ node }) => node).filter((node, i, all) => nodes.includes(node) && all.indexOf(node) === i)
}
