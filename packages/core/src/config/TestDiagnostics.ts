import type { AnyStage } from "../stage/Stage.js"
import * as Decode from "./Decode.js"
import type { Diagnostic } from "./Diagnostic.js"
import { nearest } from "./Nearest.js"
import { fieldsOf } from "./ConfigFields.js"
import type { PipelineTest } from "./PipelineTest.js"
import type * as Tree from "./Tree.js"

/** What can be said of tests without running them: a node that isn't there, a field that its output hasn't. */
export const find = (
  tests: Readonly<Record<string, PipelineTest>>,
  nodes: ReadonlyArray<{ readonly name: string; readonly stage: AnyStage | undefined }>,
  tree: Tree.Tree,
  origin: Decode.Origin
): ReadonlyArray<Diagnostic> =>
  Object.entries(tests).flatMap(([test, { expect }]) =>
    Object.entries(expect).flatMap(([name, { fields = {} }]) => {
      const fault = (path: ReadonlyArray<string>, message: string, candidates: ReadonlyArray<string>) =>
        Decode.fault(tree, origin, message, candidates, [test, "expect", name, ...path], "key")
      const node = nodes.find((node) => node.name === name)
      if (node === undefined)
        return [
          fault(
            [],
            `no node is named '${name}'`,
            nearest(
              name,
              nodes.map((node) => node.name)
            )
          )
        ]
      const known = node.stage === undefined ? [] : [...fieldsOf(node.stage.output.ast).keys()]
      return Object.keys(fields).flatMap((field) => {
        const first = field.split(".")[0] ?? ""
        return known.length === 0 || known.includes(first)
          ? []
          : [fault(["fields", field], `${node.stage?.output._tag} has no field '${first}'`, nearest(first, known))]
      })
    })
  )
