import { Either, ParseResult } from "effect"
import type { AnyStage } from "../stage/Stage.js"
import { fieldsOf } from "../config/ConfigFields.js"
import * as Decode from "../config/Decode.js"
import type { Diagnostic } from "../config/Diagnostic.js"
import * as Identity from "./Identity.js"
import type { PlannedNode } from "./Plan.js"
import * as Tree from "../config/Tree.js"

/** The config's `defaults`: they fill any stage's config field of that name. */
export interface Defaults {
  readonly tree: Tree.Tree
  readonly path: ReadonlyArray<PropertyKey>
}

/** The decoded config of a node and its identity: what stands under `with`, and in `defaults` where that says nothing. */
export const make = (
  stage: AnyStage,
  written: Tree.Tree,
  origin: Decode.Origin,
  defaults: Defaults
): Either.Either<Pick<PlannedNode, "config" | "identity">, ReadonlyArray<Diagnostic>> => {
  const fields = fieldsOf(stage.config.ast)
  const filled = Tree.pairs(defaults.tree).filter(({ key }) => fields.has(key) && Tree.pair(written, key) === undefined)
  const tree = written.kind === "mapping" ? { ...written, pairs: [...written.pairs, ...filled] } : written
  const from = { ...origin, elsewhere: new Map(filled.map(({ key }) => [key, defaults.path])) }
  return Decode.decode<unknown, unknown>(stage.config, tree, from).pipe(
    Either.flatMap((config) =>
      Identity.of(stage.config, config).pipe(
        Either.map((identity) => ({ config, identity })),
        Either.mapLeft((error) => [
          Decode.fault(tree, from, ParseResult.isParseError(error) ? "the stage can't write this config back" : error.detail)
        ])
      )
    )
  )
}
