import { Either } from "effect"
import { resolve } from "node:path"
import * as Budget from "../stage/Budget.js"
import type { AnyStage } from "../stage/Stage.js"
import * as Decode from "../config/Decode.js"
import type { Diagnostic } from "../config/Diagnostic.js"
import { nearest } from "../config/Nearest.js"
import * as NodeConfig from "./NodeConfig.js"
import { NAME, namedWrongly } from "../stage/Name.js"
import { NodeSettings, type On } from "../config/NodeSettings.js"
import { type PipelineTest, PipelineTests } from "../config/PipelineTest.js"
import type { Plan, PlannedNode } from "./Plan.js"
import { settingsOf, SourceConfig } from "../config/SourceConfig.js"
import * as TestDiagnostics from "../config/TestDiagnostics.js"
import * as Tree from "../config/Tree.js"
import * as Wiring from "./Wiring.js"
import { staysHome } from "../config/WorkersConfig.js"

/** A pipeline as it was written, in the file or with the builder. */
export interface Asked {
  readonly name: string
  readonly source: Tree.Tree | undefined
  readonly budget: Tree.Tree | undefined
  readonly tests: Tree.Tree | undefined
  /** In their order. The builder knows their stages; a file names them. */
  readonly nodes: ReadonlyArray<AskedNode>
  readonly origin: Decode.Origin
}

/** A node as the config has it, with its stage where the typed builder named it. */
export interface AskedNode extends Tree.Pair {
  readonly stage?: AnyStage | undefined
}

/** What planning has to know besides the pipeline. */
export interface Surroundings {
  /** The config's folder. */
  readonly folder: string
  readonly defaults: NodeConfig.Defaults
  /** Where stages run whose node doesn't say. */
  readonly on: typeof On.Type
  /** The config has a 'workers' section. */
  readonly hasWorkers: boolean
  readonly stageNames: ReadonlyArray<string>
  /** The stage of that name, or of `plugin/stage`; the names of those that it may mean when there is more than one. */
  readonly stageNamed: (name: string) => AnyStage | ReadonlyArray<string>
  /** The stage to run for a builder's stage, or why there is none. */
  readonly stageFor: (stage: AnyStage) => Either.Either<AnyStage, string>
  /** The name of the plugin that gives a stage to run. */
  readonly pluginOf: (stage: AnyStage) => string | undefined
  /** A plugin could not be loaded: stages that nobody knows may be its own, and are left unsaid. */
  readonly incomplete: boolean
}

/** A pipeline that can run, and its tests. */
export interface Planned {
  readonly plan: Plan
  /** By name, with absolute clips. */
  readonly tests: ReadonlyMap<string, PipelineTest>
}

/** The plan of a pipeline, or everything that is wrong with it. */
export const plan = (asked: Asked, around: Surroundings): Either.Either<Planned, ReadonlyArray<Diagnostic>> =>
  new Planner(asked, around).plan()

type Report = (path: ReadonlyArray<string>, message: string, candidates?: ReadonlyArray<string>) => void

interface Prepared {
  readonly name: string
  readonly stage: AnyStage | undefined
  readonly from: Wiring.Asked["from"]
  /** Everything but the wiring; absent when something is wrong with the node itself. */
  readonly rest: Omit<PlannedNode, "name" | "inputs"> | undefined
}

/** Collects the faults of one pipeline. */
class Planner {
  private readonly faults: Array<Diagnostic> = []

  constructor(
    private readonly asked: Asked,
    private readonly around: Surroundings
  ) {}

  plan(): Either.Either<Planned, ReadonlyArray<Diagnostic>> {
    const { asked, around } = this
    if (!NAME.test(asked.name)) this.faults.push(Decode.fault(undefined, asked.origin, namedWrongly("pipeline", asked.name)))
    const source = asked.source && this.take(Decode.decode(SourceConfig, asked.source, this.at("source")))
    const budget = asked.budget && this.take(Decode.decode(Budget.Budget, asked.budget, this.at("budget")))
    const nodes = withIngest(asked.nodes).map((node, i) => this.prepare(node, i))
    const { faults, inputs } = Wiring.wire(nodes)
    for (const { candidates, message, node, path } of faults) this.reporter(node)(path, message, candidates)
    const tests = asked.tests && this.take(Decode.decode(PipelineTests, asked.tests, this.at("tests")))
    if (asked.tests && tests) this.faults.push(...TestDiagnostics.find(tests, nodes, asked.tests, this.at("tests")))
    if (this.faults.length > 0) return Either.left(this.faults)
    return Either.right({
      plan: {
        pipeline: asked.name,
        source: source && settingsOf(source, around.folder),
        budgets: budget === undefined ? [] : [Budget.make(`budget:pipeline:${asked.name}`, undefined, budget)],
        nodes: nodes.flatMap(({ name, rest }) => (rest === undefined ? [] : [{ name, ...rest, inputs: inputs.get(name) ?? {} }]))
      },
      tests: new Map(
        Object.entries(tests ?? {}).map(([name, test]) => [name, { ...test, clip: resolve(around.folder, test.clip) }])
      )
    })
  }

  private prepare(node: AskedNode, index: number): Prepared {
    const { key: name } = node
    const tree = Tree.mappingOr(node.value)
    const report = this.reporter(name)
    if (!NAME.test(name)) report([], namedWrongly("node", name))
    if (name === "ingest" && index > 0) report([], "node 'ingest' comes first")
    const settings = this.take(Decode.decode(NodeSettings, tree, this.at("stages", name)))
    const stage = this.stageOf(node, tree, report)
    if (stage !== undefined && name === "ingest" && stage.output._tag !== "SourceFile")
      report([], `node 'ingest' gives SourceFile, but the stage '${stage.name}' gives ${stage.output._tag}`)
    const written = Tree.get(tree, "with")
    const config =
      stage &&
      this.take(
        NodeConfig.make(
          stage,
          written === undefined ? { ...Tree.empty, at: node.at } : Tree.mappingOr(written),
          this.at("stages", name, "with"),
          this.around.defaults
        )
      )
    if (stage === undefined || settings === undefined || config === undefined)
      return { name, stage, from: settings?.from, rest: undefined }
    const { concurrency, from, retry, timeout } = settings
    const on = this.placeOf(name, stage, settings.on, report)
    const whose = { plugin: this.around.pluginOf(stage), isQualified: isQualified(tree) }
    return { name, stage, from, rest: { stage, ...whose, ...config, retry, timeout, concurrency, on } }
  }

  /** `ingest` reads some kilobytes: it goes only where its node says so. */
  private placeOf(name: string, stage: AnyStage, written: typeof On.Type | undefined, report: Report): PlannedNode["on"] {
    const { hasWorkers, on } = this.around
    if ((written ?? on) !== "workers") return undefined
    const reason = staysHome(stage)
    if (written === undefined) return hasWorkers && reason === undefined && name !== "ingest" ? "workers" : undefined
    if (!hasWorkers) report(["on"], "there is no 'workers' section in this config: it says where the queue is")
    else if (reason !== undefined) report(["on"], reason)
    return "workers"
  }

  private stageOf(node: AskedNode, tree: Tree.Tree, report: Report): AnyStage | undefined {
    const { incomplete, stageFor, stageNamed, stageNames } = this.around
    if (node.stage !== undefined) {
      const found = stageFor(node.stage)
      if (Either.isLeft(found) && !incomplete) report([], found.left)
      return Either.getOrUndefined(found)
    }
    const use = Tree.get(tree, "use")
    if (use !== undefined && !(use.kind === "scalar" && typeof use.value === "string")) return undefined
    const wanted = use === undefined ? node.key : String(use.value)
    const stage = stageNamed(wanted)
    if (!isNames(stage)) return stage
    if (stage.length > 0)
      report(
        use === undefined ? [] : ["use"],
        `the stage '${wanted}' comes from ${stage.length} plugins: say which one with 'use'`,
        stage
      )
    else if (!incomplete)
      report(
        use === undefined ? [] : ["use"],
        `no stage is named '${wanted}'${use === undefined ? "; say which one with 'use'" : ""}`,
        nearest(wanted, stageNames)
      )
    return undefined
  }

  private take<A>(result: Either.Either<A, ReadonlyArray<Diagnostic>>): A | undefined {
    if (Either.isLeft(result)) this.faults.push(...result.left)
    return Either.getOrUndefined(result)
  }

  private at(...path: ReadonlyArray<string>): Decode.Origin {
    return { ...this.asked.origin, path: [...this.asked.origin.path, ...path] }
  }

  /** Reports faults of a node at the part that is wrong; at its name when that is the node itself. */
  private reporter(name: string): Report {
    const node = this.asked.nodes.find(({ key }) => key === name)
    const own: Tree.Tree = { ...Tree.empty, at: node?.at ?? this.asked.origin.at }
    return (path, message, candidates) =>
      void this.faults.push(
        Decode.fault(path.length === 0 ? own : node?.value, this.at("stages", name), message, candidates, path)
      )
  }
}

/** Whether `use` says `plugin/stage`. */
const isQualified = (tree: Tree.Tree): boolean => {
  const use = Tree.get(tree, "use")
  return use?.kind === "scalar" && String(use.value).includes("/")
}

const isNames = (found: AnyStage | ReadonlyArray<string>): found is ReadonlyArray<string> => Array.isArray(found)

/** `ingest` is there even when it isn't listed. */
const withIngest = (nodes: ReadonlyArray<AskedNode>): ReadonlyArray<AskedNode> =>
  nodes.some(({ key }) => key === "ingest") ? nodes : [{ key: "ingest", at: undefined, value: Tree.empty }, ...nodes]
