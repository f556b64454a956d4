import { type PlacedAttempt, Progress, type StageFailure } from "@mediaspool/core"
import { Effect } from "effect"
import type * as FileServer from "../files/FileServer.js"
import { deliveryPath } from "../files/Roots.js"
import type { JobProgress } from "../protocol/JobProgress.js"
import type { StageResult } from "../protocol/StageReply.js"
import type { WorkerError } from "../protocol/WorkerError.js"
import type { Dispatcher } from "./Dispatcher.js"
import { build, type BuiltJob, type JobTemplate } from "./JobBuilder.js"
import type { JobLink } from "./JobLink.js"
import { take } from "./ResultIntake.js"
import type { SentJob } from "./SentJob.js"

/** What attempts share. */
export interface RemoteServices {
  readonly dispatcher: Dispatcher
  readonly link: JobLink
  readonly server: FileServer.FileServer
  /** Where workers put results; absent: they upload them. */
  readonly outbox: string | undefined
  /** Runs on beside the attempts, until the placement ends. */
  readonly fork: (effect: Effect.Effect<unknown>) => void
}

/** An attempt that was given up is called back after this time, unless the whole process ends: then its result is taken next time. */
const CALL_BACK = "1 second"

/** What it holds: nothing, a part of this machine, or a job that is out. */
type Held = "nothing" | "here" | SentJob

/** Where an attempt is, from its application to its end. Callbacks all through: a fiber or two for each would cost more than the job. */
class PlacedJob {
  private held: Held = "nothing"
  private leave: () => void = () => {}
  /** The part of a slot that it fills. */
  private weight = 1

  constructor(
    private readonly services: RemoteServices,
    private readonly queue: string,
    private readonly built: BuiltJob,
    private readonly attempt: Pick<PlacedAttempt, "queued" | "started">,
    private readonly progress: typeof Progress.Service
  ) {}

  /** The answer of a worker, or that it runs here. */
  readonly settled: Effect.Effect<StageResult | "here", WorkerError> = Effect.async<StageResult | "here", WorkerError>(
    (resume) => {
      const { dispatcher } = this.services
      this.attempt.queued(() => resume(Effect.interrupt))
      this.leave = dispatcher.apply({
        queue: this.queue,
        weight: this.built.weight,
        refuse: (why) => resume(why),
        decide: (decision, weight) => {
          this.weight = weight
          if (decision === "workers") return this.send(resume)
          this.held = "here"
          resume(Effect.succeed("here"))
        }
      })
    }
  )

  /** Gives back what it holds. */
  readonly release: Effect.Effect<void> = Effect.sync(() => {
    const { dispatcher, fork, link } = this.services
    const held = this.held
    this.held = "nothing"
    this.leave()
    if (held === "nothing") return
    if (held === "here") return dispatcher.done(this.weight)
    this.withdraw(held)
    fork(Effect.delay(link.cancel(held), CALL_BACK))
  })

  private send(resume: (reply: Effect.Effect<StageResult | "here", WorkerError>) => void): void {
    const { fork, link, server } = this.services
    const { id, isMerged, entry, node, served } = this.built
    const sent: SentJob = {
      id,
      queue: this.queue,
      node,
      entry,
      isMerged,
      weight: this.weight,
      sentAt: Date.now(),
      started: () => {
        if (this.held === sent) this.attempt.started()
      },
      settle: (how) => {
        if (this.held !== sent) return
        // Who was away meanwhile, or had it done by an earlier life, has not heard it begin.
        if (how._tag !== "Recalled") this.attempt.started()
        this.held = how._tag === "Recalled" ? "here" : "nothing"
        link.forget(sent)
        this.withdraw(sent)
        resume(how._tag === "Failed" ? how.failure : Effect.succeed(how._tag === "Replied" ? how.reply : "here"))
      },
      progressed: (how) => fork(told(this.progress, how))
    }
    this.held = sent
    for (const [hash, from] of served) server.offer(hash, from)
    server.expect(sent.id)
    link.send(sent)
  }

  private withdraw({ id }: SentJob): void {
    const { dispatcher, server } = this.services
    for (const hash of this.built.served.keys()) server.withdraw(hash)
    server.refuse(id)
    dispatcher.back(this.queue, this.weight)
  }
}

const told = (progress: typeof Progress.Service, how: JobProgress): Effect.Effect<void> =>
  "done" in how ? progress.media(how.done, how.total) : progress.report(how.fraction, how.words)

/** Runs an attempt where there is room for it: it succeeds and fails as if it had run here. */
export const run = (
  services: RemoteServices,
  queue: string,
  template: JobTemplate,
  attempt: PlacedAttempt
): Effect.Effect<unknown, StageFailure> =>
  Effect.gen(function* () {
    const progress = yield* Progress
    const built = yield* build(template, attempt)
    const { entry, id, paths } = built
    return yield* Effect.acquireUseRelease(
      Effect.sync(() => new PlacedJob(services, queue, built, attempt, progress)),
      ({ settled }) =>
        Effect.flatMap(settled, (came) => {
          if (came === "here") return attempt.here
          const output = take(came, {
            key: entry.key,
            kind: template.node.stage.output,
            paths,
            placeOf: ({ delivery, extension, isUploaded, slot }) =>
              services.outbox === undefined || isUploaded === true
                ? services.server.delivered(id, slot, delivery)
                : deliveryPath(services.outbox, entry.key, slot, delivery, extension)
          })
          const last = came._tag === "Done" ? came.progress : undefined
          return last === undefined ? output : Effect.zipRight(told(progress, last), output)
        }),
      ({ release }) => release
    )
  })
