import { Context, Effect, Layer } from "effect"
import { StateFolder } from "../stage/StateFolder.js"
import { ProcessLock, make } from "./ProcessLock.js"
import type { StoreError } from "./StoreError.js"

/** @param path absolute path of the state folder; made when it isn't there */
export const layer = (path: string): Layer.Layer<StateFolder | ProcessLock, StoreError> =>
  Layer.scopedContext(
    Effect.map(make(path), (owner) =>
      Context.make(ProcessLock, owner).pipe(Context.add(StateFolder, { path, temporary: owner.temporary, child: owner.child }))
    )
  )
