import { Context, Effect, type Scope } from "effect"

/** The folder beside the config that holds everything Mediaspool keeps. */
export interface Service {
  /** Absolute path of `.spool`. */
  readonly path: string
  /** A folder for files that no result owns, on the artifacts' file system; emptied at the next start. */
  readonly temporary: string
  /** Remembers a child process while the scope is open, so that the next start can end it if this one dies. */
  readonly child: (pid: number) => Effect.Effect<void, never, Scope.Scope>
}

export class StateFolder extends Context.Tag("@mediaspool/core/StateFolder")<StateFolder, Service>() {}
