import { Outages } from "../../output/Outages.js"
import type { Event, Project, Runner, WatchEvent } from "@mediaspool/core"
import { Clock, Effect, Schedule, type Scope, Stream } from "effect"
import { Output } from "../../output/Output.js"
import * as Screen from "../../output/Screen.js"
import { WatchedPipeline } from "./WatchedPipeline.js"
import * as WatchView from "./WatchView.js"

/** What ended within so long is said at once. */
const MOMENT = "1 second"

/** How a watcher shows what it does: lines that stay, a few that are drawn over on a terminal, and values for scripts. */
export interface WatcherReport {
  readonly tell: (event: WatchEvent<WatchView.Unfit>) => Effect.Effect<void>
  /** Of every pipeline that has been watched. */
  readonly watched: ReadonlyMap<string, WatchedPipeline>
}

const away = (event: Event): object | undefined =>
  event._tag === "ResourceClosed"
    ? { type: "service-away", resource: event.resource, ...WatchView.failureValue(event.failure) }
    : event._tag === "ResourceOpened"
      ? { type: "service-back", resource: event.resource }
      : undefined

/** While the scope is open. */
export const make = (
  events: Runner["Type"]["events"],
  project: Effect.Effect<Project.Project>
): Effect.Effect<WatcherReport, never, Output | Scope.Scope> =>
  Effect.gen(function* () {
    const output = yield* Output
    const watched = new Map<string, WatchedPipeline>()
    const note = Screen.drawable() ? yield* Screen.draw((_, columns) => WatchView.lines(watched.values(), columns)) : output.note
    let moment: Array<WatchView.FileEnd> = []
    let moves: Array<WatchView.Move> = []
    /** What was last said of each folder: one that is looked through again and again is spoken of when something else comes out. */
    const scans = new Map<string, string>()

    const say = Effect.suspend(() => {
      const lines = [...WatchView.moved(moves), ...WatchView.ended(moment)]
      moves = []
      moment = []
      return Effect.forEach(lines, note, { discard: true })
    })
    yield* Effect.addFinalizer(() => say)
    yield* Effect.forkScoped(Effect.repeat(say, Schedule.spaced(MOMENT)))

    const outages = new Outages()
    const hear = (event: Event): Effect.Effect<void> => {
      const news = outages.news(event)
      outages.apply(event)
      if ("pipeline" in event) watched.get(event.pipeline)?.apply(event)
      else for (const each of watched.values()) each.apply(event)
      if (event._tag === "ItemMoved") {
        moves.push(event)
        const { from, item, path, pipeline } = event
        return output.value({ type: "moved", pipeline, item, from, path })
      }
      if (event._tag === "ItemFinished") {
        moment.push(event)
        const { item, obstacles, path, pipeline, state } = event
        return output.value({
          type: "item",
          pipeline,
          item,
          path,
          state,
          ...(obstacles.length === 0
            ? {}
            : { obstacles: obstacles.map(({ failure, node }) => ({ node, ...WatchView.failureValue(failure) })) })
        })
      }
      const value = away(event)
      if (value === undefined) return Effect.void
      return news === undefined ? output.value(value) : Effect.zipRight(output.value(value), note(news))
    }
    yield* Effect.forkScoped(Stream.runForEach(events, hear))

    /** What has to be known before it is said. */
    const mark = (event: WatchEvent<WatchView.Unfit>, { pipelines }: Project.Project, now: number) => {
      if (event._tag === "Watching" && !watched.has(event.pipeline)) {
        const nodes = pipelines.get(event.pipeline)?.plan.nodes.map(({ name }) => name) ?? []
        watched.set(event.pipeline, new WatchedPipeline(event.pipeline, event.folder, nodes, now))
      }
      if (event._tag === "WatchDraining") for (const each of watched.values()) each.halted = "is finishing current work"
      if (!("pipeline" in event)) return
      const known = watched.get(event.pipeline)
      if (known === undefined) return
      if (event._tag === "Halted") known.halted = WatchView.haltedShort(event.halt)
      if (event._tag === "Resumed" || event._tag === "Watching") known.halted = undefined
    }
    const scanned = ({ counts, pipeline }: WatchEvent & { readonly _tag: "FolderScanned" }) => {
      const text = WatchView.scannedText(pipeline, counts)
      const same = scans.get(pipeline) === text
      scans.set(pipeline, text)
      return same ? Effect.void : note(text)
    }
    return {
      watched,
      tell: (event) =>
        Effect.gen(function* () {
          const config = yield* project
          mark(event, config, yield* Clock.currentTimeMillis)
          yield* output.value(WatchView.eventValue(event, config))
          if (event._tag === "FolderScanned") return yield* scanned(event)
          const text = WatchView.eventText(event, config)
          if (text !== undefined) yield* note(text)
        })
    }
  })
