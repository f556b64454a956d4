import { createSignal } from "solid-js"
import { call, type Reply } from "./ApiClient.js"
import { check } from "./Session.js"

export type Overview = Reply<"session", "overview">
export type Runs = Reply<"runs", "state">
export type RunState = NonNullable<Runs["pipelines"][number]["run"]>

const [overview, setOverview] = createSignal<Overview>()
const [runs, setRuns] = createSignal<Runs>()
/** Another number whenever the library may be another than before. */
const [version, setVersion] = createSignal(0)
const [isLost, setLost] = createSignal(false)
export { isLost, overview, runs, version }

const changed = (): void => void setVersion((now) => now + 1)

/** Asks for everything once more: after a gap, and at the start. */
export const refresh = async (): Promise<void> => {
  const [now, state] = await Promise.all([call("session", "overview", {}), call("runs", "state", {})])
  setOverview(now)
  setRuns(state)
  changed()
}

/** A line about a server that doesn't answer is shown after this long: most gaps are shorter. */
const LOST_AFTER_MILLIS = 1_500

/** Hears what changes, as long as the page lives. A window that slept is told what it missed, or asks for everything. */
export const listen = (): void => {
  const source = new EventSource("/api/events")
  let timer: ReturnType<typeof setTimeout> | undefined
  source.addEventListener("open", () => {
    clearTimeout(timer)
    timer = undefined
    if (isLost()) void check().then(refresh)
    setLost(false)
  })
  source.addEventListener("error", () => {
    timer ??= setTimeout(() => {
      setLost(true)
      void check()
    }, LOST_AFTER_MILLIS)
    // A refusal ends the stream for good.
    if (source.readyState === EventSource.CLOSED) setTimeout(listen, 3_000)
  })
  source.addEventListener("reset", () => void refresh())
  source.addEventListener("library", changed)
  source.addEventListener("overview", ({ data }) => void setOverview(JSON.parse(data)))
  source.addEventListener("runs", ({ data }) => void setRuns(JSON.parse(data)))
}
