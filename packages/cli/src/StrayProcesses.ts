import { type Event, Node, type Project } from "@mediaspool/core"
import { Context, Effect, Fiber, FiberRef, Option, type Scope, Stream } from "effect"
import { ChildProcess } from "node:child_process"
import { subscribe, unsubscribe } from "node:diagnostics_channel"
import { existsSync, readdirSync } from "node:fs"
import { basename, join } from "node:path"

/** Where Node tells of every child process, before it is started. */
const CHANNEL = "child_process"
/** A program that is being ended gets so long to go. */
const GRACE = "1 second"

/** A program that was started while a stage ran. */
interface Started {
  readonly child: ChildProcess
  readonly node: Node["Type"]
}

const isRunning = ({ exitCode, pid, signalCode }: ChildProcess): boolean =>
  pid !== undefined && exitCode === null && signalCode === null

/** Those of services that go on working for other files: the state folder remembers them. */
const isAdopted = ({ state }: Project.Project, pid: number): boolean => {
  const folder = join(state, "children")
  return existsSync(folder) && readdirSync(folder).some((owner) => existsSync(join(folder, owner, String(pid))))
}

/** The node of whoever runs at this moment; code that awaits a promise can't be told any more. */
const current = (): Node["Type"] | undefined =>
  Fiber.getCurrentFiber().pipe(
    Option.flatMap((fiber) => Context.getOption(fiber.getFiberRef(FiberRef.currentContext), Node)),
    // As it is now: the service speaks for the next file soon.
    Option.map(({ key, node, path, pipeline, plugin }) => ({ key, node, path, pipeline, plugin })),
    Option.getOrUndefined
  )

const isChild = (message: unknown): message is { readonly process: ChildProcess } =>
  typeof message === "object" && message !== null && "process" in message && message.process instanceof ChildProcess

/** Says which programs a stage has left running when it has ended, while the scope is open. */
export const follow = (project: Project.Project, events: Stream.Stream<Event>): Effect.Effect<void, never, Scope.Scope> =>
  Effect.gen(function* () {
    // Built-in stages start theirs within a scope.
    if (project.registry.plugins.every(({ from }) => from === "built in")) return
    const running = new Set<Started>()
    const note = (message: unknown) => {
      const node = current()
      if (!isChild(message) || node?.plugin === undefined) return
      const started = { child: message.process, node }
      running.add(started)
      message.process.once("exit", () => running.delete(started)).once("error", () => running.delete(started))
    }
    yield* Effect.acquireRelease(
      Effect.sync(() => subscribe(CHANNEL, note)),
      () => Effect.sync(() => unsubscribe(CHANNEL, note))
    )
    /** Each is told of once. */
    const left = (all: ReadonlyArray<Started>): Effect.Effect<void> =>
      Effect.forEach(
        all.filter((started) => running.has(started) && isRunning(started.child)),
        (started) => {
          running.delete(started)
          const { child, node } = started
          if (isAdopted(project, child.pid ?? 0)) return Effect.void
          return Effect.logWarning(
            `it has ended and leaves '${basename(child.spawnfile)}' running (process ${child.pid}); Program.run would end it (ProcessLeft)`
          ).pipe(Effect.provideService(Node, node))
        },
        { discard: true }
      )
    yield* Effect.addFinalizer(() =>
      Effect.suspend(() => (running.size === 0 ? Effect.void : Effect.delay(left([...running]), GRACE)))
    )
    const ended = (event: Event): Effect.Effect<unknown> => {
      if (event._tag !== "NodeFinished") return Effect.void
      const own = [...running].filter(({ node }) => node.path === event.path && node.node === event.node)
      return own.length === 0 ? Effect.void : Effect.forkDaemon(Effect.delay(left(own), GRACE))
    }
    yield* Effect.forkScoped(
      Stream.runForEachChunk(events, (chunk) =>
        Effect.suspend(() => (running.size === 0 ? Effect.void : Effect.forEach(chunk, ended, { discard: true })))
      )
    )
  })
