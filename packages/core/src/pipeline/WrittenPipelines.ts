import type { AnyStage } from "../stage/Stage.js"
import * as Decode from "../config/Decode.js"
import type { Diagnostic } from "../config/Diagnostic.js"
import { nearest } from "../config/Nearest.js"
import { type AnyPipeline, isPipeline } from "./Pipeline.js"
import type { Asked, AskedNode } from "./Planner.js"
import * as Tree from "../config/Tree.js"

/** The pipelines of a config as they were written, in the file or with the builder, and what is wrong with their outer form. */
export interface WrittenPipelines {
  readonly asked: ReadonlyArray<Asked>
  readonly faults: ReadonlyArray<Diagnostic>
}

const KEYS: ReadonlyArray<string> = ["source", "budget", "stages", "tests"]

/** @param tree what stands under `pipelines`: a mapping by name, or pipelines made with the builder */
export const read = (tree: Tree.Tree | undefined, origin: Decode.Origin): WrittenPipelines => {
  const faults: Array<Diagnostic> = []
  const asked: Array<Asked> = []
  const take = (pipeline: Asked): void => {
    if (asked.some(({ name }) => name === pipeline.name))
      faults.push(Decode.fault(undefined, pipeline.origin, `pipeline '${pipeline.name}' exists already`))
    else asked.push(pipeline)
  }
  if (tree === undefined || Tree.isNull(tree)) return { asked, faults }
  if (tree.kind === "mapping" && builtIn(tree) === undefined)
    for (const pair of tree.pairs) {
      const inner = { file: origin.file, path: [...origin.path, pair.key], at: pair.at }
      const built = builtIn(pair.value)
      if (built === undefined) take(fromFile(pair, inner, faults))
      else if (built.name === pair.key) take(fromBuilder(built, inner))
      else faults.push(Decode.fault(pair.value, inner, `this pipeline is called '${built.name}' where it is made`))
    }
  else
    for (const [i, item] of (tree.kind === "list" ? tree.items : [tree]).entries()) {
      const inner = { file: origin.file, path: tree.kind === "list" ? [...origin.path, i] : origin.path, at: item.at ?? tree.at }
      const built = builtIn(item)
      if (built === undefined)
        faults.push(Decode.fault(item, inner, "expected pipelines by name, or pipelines made with Pipeline.make"))
      else take(fromBuilder(built, inner))
    }
  return { asked, faults }
}

const builtIn = (tree: Tree.Tree): AnyPipeline | undefined => {
  const value = Tree.made(tree)
  return isPipeline(value) ? value : undefined
}

const fromFile = (pair: Tree.Pair, origin: Decode.Origin, faults: Array<Diagnostic>): Asked => {
  const tree = Tree.mappingOr(pair.value)
  const fault = (path: ReadonlyArray<string>, message: string, candidates: ReadonlyArray<string> = [], of?: "key") =>
    void faults.push(Decode.fault(tree, origin, message, candidates, path, of))
  if (tree.kind !== "mapping") fault([], "expected a mapping with 'source' and 'stages'")
  for (const { key } of Tree.pairs(tree)) if (!KEYS.includes(key)) fault([key], `unknown key '${key}'`, nearest(key, KEYS), "key")
  const stages = Tree.get(tree, "stages")
  if (tree.kind === "mapping" && stages === undefined)
    faults.push(Decode.fault(undefined, origin, "'stages' is missing (the nodes by name)"))
  else if (stages !== undefined && stages.kind !== "mapping" && !Tree.isNull(stages))
    fault(["stages"], "expected a mapping of nodes by name")
  return {
    name: pair.key,
    source: Tree.get(tree, "source"),
    budget: Tree.get(tree, "budget"),
    tests: Tree.get(tree, "tests"),
    nodes: Tree.pairs(stages),
    origin
  }
}

const fromBuilder = ({ name, nodes, options }: AnyPipeline, origin: Decode.Origin): Asked => {
  const tree = (value: unknown) => (value === undefined ? undefined : Tree.fromValue(value))
  const node = (key: string, settings: unknown, stage?: AnyStage): AskedNode => ({
    key,
    at: undefined,
    value: Tree.fromValue(settings),
    stage
  })
  return {
    name,
    source: tree(options.source),
    budget: tree(options.budget),
    tests: tree(options.tests),
    nodes: [
      ...(options.ingest === undefined ? [] : [node("ingest", options.ingest)]),
      ...nodes.map(({ name, settings, stage }) => node(name, settings, stage))
    ],
    origin
  }
}
