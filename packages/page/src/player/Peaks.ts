import { createSignal } from "solid-js"
import { call } from "../api/ApiClient.js"

/** 200 values of 8 bits; null: the file has none. */
export type Wave = Uint8Array | null

const KEPT = 4_000
const waves = new Map<number, Wave>()
const [changes, setChanges] = createSignal(0)
let wanted = new Set<number>()
let timer: ReturnType<typeof setTimeout> | undefined
let wait = 300

const decode = (base64: string): Uint8Array => Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0))

const keep = (id: number, wave: Wave): void => {
  waves.set(id, wave)
  const [oldest] = waves.keys()
  if (waves.size > KEPT && oldest !== undefined) waves.delete(oldest)
}

const fetchAll = async (): Promise<void> => {
  const ids = [...wanted].slice(-100)
  wanted = new Set()
  timer = undefined
  if (ids.length === 0) return
  try {
    const { none, peaks, pending } = await call("library", "peaks", { urlParams: { ids: ids.join(",") } })
    for (const [id, base64] of Object.entries(peaks)) keep(Number(id), decode(base64))
    for (const id of none) keep(id, null)
    setChanges((now) => now + 1)
    // What is being measured is asked for again, less and less often.
    wait = pending.length === 0 ? 300 : Math.min(wait * 1.5, 5_000)
    for (const id of pending) wanted.add(id)
    if (pending.length > 0) timer ??= setTimeout(() => void fetchAll(), wait)
  } catch {
    // The row is drawn without, and asked for again soon.
    setTimeout(() => setChanges((now) => now + 1), 2_000)
  }
}

/** The waveform of a file; undefined until it is here. Those of all visible rows come in one request. */
export const waveOf = (id: number): Wave | undefined => {
  changes()
  const known = waves.get(id)
  if (known === undefined && !wanted.has(id)) {
    wanted.add(id)
    timer ??= setTimeout(() => void fetchAll(), 40)
  }
  return known
}
