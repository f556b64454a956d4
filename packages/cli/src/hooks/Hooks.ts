import type * as CommandExecutor from "@effect/platform/CommandExecutor"
import type * as HttpClient from "@effect/platform/HttpClient"
import { type Event, type Project, RawPath, Secrets, secretsFrom, type WatchEvent } from "@mediaspool/core"
import { Hooks as HookConfig, type HookSettings } from "@mediaspool/plugins"
import { Duration, Effect, Fiber, Queue, Schedule, Schema, type Scope, Stream } from "effect"
import { randomUUID } from "node:crypto"
import { Output, paint } from "../output/Output.js"
import { inline } from "../output/Text.js"
import * as HookCommand from "./HookCommand.js"
import { HookError } from "./HookError.js"
import { type Occasion, RunOccasions } from "./RunOccasions.js"
import * as Webhook from "./Webhook.js"

/** A hook that is slower loses the oldest: it must never hold up the work. */
const KEPT = 100
/** Deliveries at the same time. */
const AT_ONCE = 4
/** How long the command's end waits for what is on its way. */
const PATIENCE = Duration.seconds(10)
/** A wait that is longer is explained. */
const NOTED_AFTER = "1 second"
/** A watcher's files are through when nothing has been under way for one to two of these. */
const QUIET = "2 seconds"

interface Delivery {
  readonly name: string
  readonly hook: HookSettings
  readonly occasion: Occasion
}

/** The message of an occasion: `type`, `timestamp` and `data`, as Standard Webhooks have it. */
const bodyOf = ({ failures, type, ...data }: Occasion, now: Date): string =>
  JSON.stringify({
    type,
    timestamp: now.toISOString(),
    data: {
      ...data,
      ...(failures === undefined ? {} : { failures: failures.map((each) => ({ ...each, path: RawPath.display(each.path) })) })
    }
  })

const deliver = (folder: string, { hook, occasion }: Delivery, refused: (error: HookError) => Effect.Effect<void>) =>
  Effect.gen(function* () {
    const { command, secret, timeout, webhook } = hook
    const message = { id: `msg_${randomUUID()}`, body: bodyOf(occasion, new Date()) }
    const limit = Duration.seconds(timeout)
    if (command !== undefined) {
      const env = { SPOOL_EVENT: occasion.type, SPOOL_PIPELINE: occasion.pipeline }
      yield* HookCommand.run(command, message.body, env, folder, limit)
    }
    if (webhook === undefined) return
    const key =
      secret === undefined
        ? undefined
        : yield* Effect.flatMap(Secrets, ({ resolve }) => resolve(secret)).pipe(
            Effect.provideService(Secrets, secretsFrom(folder)),
            Effect.mapError(({ message }) => new HookError({ code: "SecretUnknown", detail: message }))
          )
    yield* Webhook.send(webhook, message, key, limit, refused)
  })

/** What hooks hear beside the runs' events. */
export interface HookListener {
  readonly tell: (event: WatchEvent<unknown>) => Effect.Effect<void>
}

/**
 * Tells the config's hooks what runs come to, while the scope is open; at its end it waits some seconds for what is on its way. What
 * can't be told is said once on stderr, and changes nothing else.
 *
 * @param project the config as it is now
 * @param isWatcher whether the runs go on without an end
 */
export const listen = (
  events: Stream.Stream<Event>,
  project: Effect.Effect<Pick<Project.Project, "folder" | "settings">>,
  isWatcher: boolean
): Effect.Effect<HookListener, never, CommandExecutor.CommandExecutor | HttpClient.HttpClient | Output | Scope.Scope> =>
  Effect.gen(function* () {
    const output = yield* Output
    const queue = yield* Queue.sliding<Delivery>(KEPT)
    const occasions = new RunOccasions(isWatcher)
    let underWay = 0

    const hand = (found: ReadonlyArray<Occasion>) =>
      found.length === 0
        ? Effect.void
        : Effect.flatMap(project, ({ settings }) =>
            Effect.gen(function* () {
              const hooks = yield* Effect.orElseSucceed(
                Schema.validate(HookConfig)(settings.section("hooks")),
                (): HookConfig => ({})
              )
              for (const occasion of found)
                for (const [name, hook] of Object.entries(hooks))
                  if (hook.on.includes(occasion.type)) yield* queue.offer({ name, hook, occasion })
            })
          )
    const one = (delivery: Delivery) => {
      let last: HookError | undefined
      const refused = (error: HookError) => Effect.sync(() => void (last = error))
      return Effect.flatMap(project, ({ folder }) => deliver(folder, delivery, refused)).pipe(
        Effect.catchAll(({ code, help, message }) =>
          Effect.zipRight(
            output.value({ type: "hook-failed", hook: delivery.name, event: delivery.occasion.type, code, message, help }),
            output.note(`${paint.yellow("!")} hook ${inline(delivery.name)}: ${inline(message)} (${code})\n  ${help}`)
          )
        ),
        Effect.onInterrupt(() =>
          output.note(
            `${paint.yellow("!")} hook ${inline(delivery.name)}: ${inline(last?.message ?? "no answer yet")}, and the command has ended`
          )
        ),
        Effect.ensuring(Effect.sync(() => (underWay -= 1)))
      )
    }
    const work = Stream.fromQueue(queue, { maxChunkSize: 1 }).pipe(
      Stream.tap(() => Effect.sync(() => (underWay += 1))),
      Stream.mapEffect(one, { concurrency: AT_ONCE, unordered: true }),
      Stream.runDrain
    )
    yield* Effect.forkScoped(work)
    // A finalizer can't be interrupted, and would outwait its own timeout.
    const settled = Effect.flatMap(queue.size, (size) => (size <= 0 && underWay === 0 ? Effect.void : Effect.fail("open"))).pipe(
      Effect.retry(Schedule.spaced("50 millis")),
      Effect.interruptible,
      Effect.timeout(PATIENCE),
      Effect.ignore
    )
    yield* Effect.forkScoped(Stream.runForEachChunk(events, (chunk) => hand([...chunk].flatMap((event) => occasions.of(event)))))
    if (isWatcher)
      yield* Effect.forkScoped(
        Effect.repeat(
          Effect.suspend(() => hand(occasions.quiet())),
          Schedule.spaced(QUIET)
        )
      )
    const wait = Effect.gen(function* () {
      const note = Effect.delay(output.note("Waiting up to ten seconds for hooks to answer …"), NOTED_AFTER)
      const noting = yield* Effect.fork(Effect.interruptible(note))
      yield* settled
      yield* Fiber.interrupt(noting)
    })
    // What was told last is heard, and sent, before the end.
    yield* Effect.addFinalizer(() => Effect.zipRight(Effect.sleep("100 millis"), wait))
    return { tell: (event) => hand(occasions.ofWatcher(event)) }
  })
