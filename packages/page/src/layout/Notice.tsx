import { createSignal, Show } from "solid-js"
import * as Live from "../api/Live.js"
import { words } from "../words/Locale.js"

const [said, setSaid] = createSignal("")
let timer: ReturnType<typeof setTimeout> | undefined

/** Says in one line what was done; it goes by itself. */
export const say = (text: string): void => {
  setSaid(text)
  clearTimeout(timer)
  timer = setTimeout(() => setSaid(""), 6_000)
}

/** A line at the top for what is away, and one below for what was done. Both are read out. */
export const Notice = () => {
  const away = () => {
    const overview = Live.overview()
    if (Live.isLost()) return words().connection.lost
    return overview?.library === "away" ? words().connection.away(overview.problem?.message ?? "") : undefined
  }
  return (
    <>
      <div role="status" class="notice-place">
        <Show when={away()}>{(text) => <p class="notice">{text()}</p>}</Show>
      </div>
      <div role="status" class="said-place">
        <Show when={said() !== ""}>
          <p class="said">{said()}</p>
        </Show>
      </div>
    </>
  )
}
