import { createMemo, createRoot, createSignal } from "solid-js"

export type Choice = "system" | "light" | "dark"
const KEY = "mediaspool-theme"
const isChoice = (text: string | null): text is Choice => text === "system" || text === "light" || text === "dark"

const dark = matchMedia("(prefers-color-scheme: dark)")
const stored = localStorage.getItem(KEY)
const [choice, setChosen] = createSignal<Choice>(isChoice(stored) ? stored : "system")
const [isDark, setDark] = createSignal(dark.matches)
dark.addEventListener("change", ({ matches }) => setDark(matches))
export { choice }

/** What is seen: what is drawn on a canvas has to be drawn again with it. */
const theme = (): "light" | "dark" =>
  choice() === "system" ? (isDark() ? "dark" : "light") : choice() === "dark" ? "dark" : "light"

export const apply = (): void => {
  if (document.documentElement.dataset["theme"] !== theme()) document.documentElement.dataset["theme"] = theme()
}

/** What canvases draw with. */
export interface Palette {
  readonly wave: string
  /** On the ground of what is selected. */
  readonly waveOnSoft: string
  readonly accent: string
  readonly region: string
}

/** The colours of the styles, read once a theme: reading them for each row would lay out the page each time. */
export const palette = createRoot(() =>
  createMemo((): Palette => {
    void theme()
    apply()
    const style = getComputedStyle(document.documentElement)
    const colour = (name: string) => style.getPropertyValue(name).trim()
    return { wave: colour("--wave"), waveOnSoft: colour("--wave-soft"), accent: colour("--accent"), region: colour("--region") }
  })
)

export const choose = (next: Choice): void => {
  localStorage.setItem(KEY, next)
  setChosen(next)
}
