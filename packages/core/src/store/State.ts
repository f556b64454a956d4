import { Context, Effect, Layer } from "effect"
import { StateFolder } from "../stage/StateFolder.js"
import { Owner, make } from "./Owner.js"
import type { StoreError } from "./StoreError.js"

/** @param path absolute path of the state folder; made when it isn't there */
export const layer = (path: string): Layer.Layer<StateFolder | Owner, StoreError> =>
  Layer.scopedContext(
    Effect.map(make(path), (owner) =>
      Context.make(Owner, owner).pipe(Context.add(StateFolder, { path, temporary: owner.temporary, child: owner.child }))
    )
  )
