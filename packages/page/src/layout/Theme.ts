import { createSignal } from "solid-js"

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
export const theme = (): "light" | "dark" =>
  choice() === "system" ? (isDark() ? "dark" : "light") : choice() === "dark" ? "dark" : "light"

export const apply = (): void => {
  document.documentElement.dataset["theme"] = theme()
}

export const choose = (next: Choice): void => {
  localStorage.setItem(KEY, next)
  setChosen(next)
}
