import type { Project } from "@mediaspool/core"
import type * as Workers from "@mediaspool/workers"
import { Effect, Option, Redacted } from "effect"
import { ExitCode } from "../../ExitCode.js"
import { loadProject } from "../../project.js"
import { Refused } from "../../Refused.js"
import { addressOf, passwordOf } from "../../workers.js"

/** Where a worker finds its queue, and the config that it was given or found. */
export interface QueueTarget {
  readonly address: Workers.QueueAddress.QueueAddress
  readonly project: Project.Project | undefined
}

/** A password on the command line would be read by everybody on the machine. */
const PASSWORD = "SPOOL_QUEUE_PASSWORD"

const nowhere = new Refused({
  code: ExitCode.usage,
  message: "No queue is named.",
  help: "Name it: `--queue redis://HOST:PORT`, or use a config that has a `workers` section."
})

/** The queue of the command line, or of the config. Without `--config`, a command line that names the queue needs none. */
export const find = (workers: typeof Workers, queue: Option.Option<string>, config: Option.Option<string>) =>
  Effect.gen(function* () {
    const project = Option.isSome(config) || Option.isNone(queue) ? yield* loadProject(config) : undefined
    const section = project?.workers
    const url = Option.getOrUndefined(queue) ?? section?.queue
    if (url === undefined) return yield* nowhere
    const given = process.env[PASSWORD]
    const password =
      given !== undefined && given !== ""
        ? Redacted.make(given)
        : project === undefined || section === undefined
          ? undefined
          : yield* passwordOf(project, section)
    return { address: yield* addressOf(workers, url, password), project } satisfies QueueTarget
  })
