import { type PlacedAttempt, Progress, type StageFailure } from "@mediaspool/core"
import { Effect, Either } from "effect"
import type * as FileServer from "../files/FileServer.js"
import { deliveryPath } from "../files/Roots.js"
import type { JobProgress } from "../protocol/JobProgress.js"
import type { StageResult } from "../protocol/StageReply.js"
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

type Outcome = Effect.Effect<unknown, StageFailure>

/** Where an attempt is, from its application to its end. Callbacks all through: a fiber or two for each would cost more than the job. */
class PlacedJob {
  private held: Held = "nothing"
  private leave: () => void = () => {}
  /** The part of a slot that it fills. */
  private weight = 1

  constructor(
    private readonly services: RemoteServices,
    private readonly queue: string,
    private readonly template: JobTemplate,
    private readonly built: BuiltJob,
    private readonly attempt: PlacedAttempt,
    private readonly progress: typeof Progress.Service
  ) {}

  /** What comes of it, here or there. */
  get outcome(): Outcome {
    return Effect.async((resume) => {
      const { dispatcher } = this.services
      const here = () => {
        this.held = "here"
        resume(Effect.ensuring(this.attempt.here, this.release))
      }
      this.attempt.queued(() => resume(Effect.interrupt))
      this.leave = dispatcher.apply({
        queue: this.queue,
        weight: this.built.weight,
        refuse: (why) => resume(why),
        decide: (decision, weight) => {
          this.weight = weight
          if (decision === "workers") this.send(resume, here)
          else here()
        }
      })
      // Interruption finds it here also while what it was resumed with goes on.
      return this.release
    })
  }

  /** Gives back what it holds. */
  private readonly release: Effect.Effect<void> = Effect.sync(() => {
    const { dispatcher, fork, link } = this.services
    const held = this.held
    this.held = "nothing"
    this.leave()
    if (held === "nothing") return
    if (held === "here") return dispatcher.done(this.weight)
    this.withdraw(held)
    fork(Effect.delay(link.cancel(held), CALL_BACK))
  })

  private send(resume: (outcome: Outcome) => void, here: () => void): void {
    const { fork, link, server } = this.services
    const { id, isMerged, node, served, text } = this.built
    const sent: SentJob = {
      id,
      queue: this.queue,
      node,
      text,
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
        this.held = "nothing"
        link.forget(sent)
        this.withdraw(sent)
        if (how._tag === "Recalled") here()
        else resume(how._tag === "Failed" ? how.failure : this.take(how.reply))
      },
      progressed: (how) => fork(told(this.progress, how))
    }
    this.held = sent
    for (const [hash, from] of served) server.offer(hash, from)
    server.expect(sent.id)
    link.send(sent)
  }

  private take(reply: StageResult): Outcome {
    const { outbox, server } = this.services
    const { key } = this.attempt
    const output = take(reply, {
      key,
      kind: this.template.node.stage.output,
      paths: this.built.paths,
      placeOf: ({ delivery, extension, isUploaded, slot }) =>
        outbox === undefined || isUploaded === true
          ? server.delivered(this.built.id, slot, delivery)
          : deliveryPath(outbox, key, slot, delivery, extension)
    })
    const last = reply._tag === "Done" ? reply.progress : undefined
    return last === undefined ? output : Effect.zipRight(told(this.progress, last), output)
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
  Effect.flatMap(Progress, (progress) => {
    const built = build(template, attempt)
    return Either.isLeft(built) ? built.left : new PlacedJob(services, queue, template, built.right, attempt, progress).outcome
  })
