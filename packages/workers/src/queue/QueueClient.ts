import { type Duration, Effect, Redacted, type Scope } from "effect"
import { type ChainableCommander, Redis, type RedisOptions } from "ioredis"
import { WorkerError } from "../protocol/WorkerError.js"
import type { QueueAddress } from "./QueueAddress.js"

/** How long the first connection may take, in milliseconds. */
const PATIENCE = 5_000
/** The longest wait between two attempts to connect again. */
const LONGEST_WAIT = 1_000

const OPTIONS: RedisOptions = {
  lazyConnect: true,
  // What waits for a server that is away goes on by itself when it is back.
  maxRetriesPerRequest: null,
  retryStrategy: (times) => Math.min(50 * times, LONGEST_WAIT),
  keepAlive: 10_000
}

const REFUSED = /WRONGPASS|NOAUTH|NOPERM|invalid password|without any password/i

/** What Node says of a certificate that it doesn't accept. */
const UNTRUSTED = /CERT|UNABLE_TO_VERIFY|UNABLE_TO_GET_ISSUER/

const failure = (shown: string, cause: string, code = ""): WorkerError =>
  REFUSED.test(cause)
    ? new WorkerError({ code: "QueueRefused", detail: `${shown} refused the user or the password` })
    : new WorkerError({
        code: UNTRUSTED.test(code) ? "QueueNotTrusted" : "QueueUnreachable",
        detail: `${shown} answered: ${cause}`
      })

/** Waits for the first connection; afterwards the client connects again by itself. */
const connected = (client: Redis, shown: string): Effect.Effect<void, WorkerError> =>
  Effect.async<void, WorkerError>((resume) => {
    let last = "nothing"
    const onError = (error: NodeJS.ErrnoException) => {
      last = error.message === "" ? (error.code ?? error.name) : error.message
      resume(Effect.fail(failure(shown, last, error.code)))
    }
    const onClose = () => resume(Effect.fail(failure(shown, last === "nothing" ? "the connection was closed" : last)))
    const onReady = () => resume(Effect.void)
    const stop = () => {
      client.off("error", onError).off("close", onClose).off("ready", onReady)
    }
    client.once("error", onError).once("close", onClose).once("ready", onReady)
    // What is wrong comes as an event too.
    client.connect().catch(onError)
    return Effect.sync(stop)
  }).pipe(
    Effect.timeoutFail({
      duration: PATIENCE,
      onTimeout: () => failure(shown, `nothing within ${PATIENCE / 1_000} seconds`)
    })
  )

/** A client of the queue's server, for as long as the scope is open. Fails when the server can't be used at all. */
export const make = ({ options, shown }: QueueAddress): Effect.Effect<Redis, WorkerError, Scope.Scope> =>
  Effect.acquireRelease(
    // Errors are told by whoever notices; without a listener the client prints them by itself.
    Effect.sync(() => new Redis({ ...Redacted.value(options), ...OPTIONS }).on("error", () => {})),
    (client) => Effect.sync(() => client.disconnect())
  ).pipe(Effect.tap((client) => connected(client, shown)))

/**
 * Lets all commands of this turn of the event loop leave as one packet: each packet is a system call here, and wakes the server up.
 * Commands that were sent stay single ones, so that each is sent again after the server was away.
 */
export const gather = ({ stream }: Redis): void => {
  if (stream.writableCorked > 0) return
  stream.cork()
  setImmediate(() => stream.uncork())
}

/** A command's answer; what the server refuses is a failure. */
export const ask = <A>(command: () => Promise<A>): Effect.Effect<A, WorkerError> =>
  Effect.tryPromise({
    try: command,
    catch: (cause) => new WorkerError({ code: "QueueFailed", detail: cause instanceof Error ? cause.message : String(cause) })
  })

/** Commands that are sent together; what the server refuses of them is a failure. */
export const askAll = (commands: ChainableCommander): Effect.Effect<void, WorkerError> =>
  Effect.flatMap(
    ask(() => commands.exec()),
    (answers) => {
      const refusal = answers?.find(([error]) => error !== null)?.[0]
      return refusal === undefined || refusal === null
        ? Effect.void
        : new WorkerError({
            code: "QueueUnusable",
            detail: `the queue's server refused a command: ${refusal.message.replace(/\.$/, "")}`
          })
    }
  )

/** Fails where the server lets nobody write: a replica, or one whose memory or disk is full. */
export const tryWriting = (client: Redis): Effect.Effect<void, WorkerError> =>
  askAll(client.pipeline().set("mediaspool:written", "1", "PX", 1))

/** A command at an end, where nothing may be interrupted: a server that is away is not waited for. */
export const briefly = (command: Effect.Effect<unknown, WorkerError>, limit: Duration.DurationInput): Effect.Effect<void> =>
  Effect.ignore(Effect.timeout(Effect.interruptible(command), limit))
