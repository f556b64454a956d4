import * as Failure from "../stage/Failure.js"

/** Why a state folder can't be watched, or its watcher not be told something. */
export class WatchError extends Failure.Class<WatchError>()("WatchError", {
  WatcherRuns: {
    retry: "config",
    help: "Another process watches with this state folder: end it with `spool drain`, or give this one its own `state` in the config."
  },
  NoWatcher: { retry: "config", help: "Start one with `spool watch`." },
  NothingToWatch: { retry: "config", help: "Give a pipeline a `source: { folder: … }` in the config." }
}) {}
