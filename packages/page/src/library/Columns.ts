import { createSignal } from "solid-js"

export const columns = ["wave", "caption", "tags", "folder", "size"] as const
export type Column = (typeof columns)[number]

const KEY = "mediaspool-columns"
const isColumn = (text: string): text is Column => columns.some((column) => column === text)
const stored = localStorage.getItem(KEY)
const [shown, setShown] = createSignal<ReadonlySet<Column>>(
  new Set(stored === null ? (["wave", "caption", "tags"] as const) : stored.split(",").filter(isColumn))
)
const [isDense, setDense] = createSignal(localStorage.getItem(`${KEY}-dense`) === "1")
export { isDense, shown }

export const toggle = (column: Column): void => {
  const next = new Set(shown())
  if (!next.delete(column)) next.add(column)
  localStorage.setItem(KEY, [...next].join(","))
  setShown(next)
}

export const toggleDense = (): void => {
  localStorage.setItem(`${KEY}-dense`, isDense() ? "0" : "1")
  setDense(!isDense())
}

/** Pixels */
export const rowHeight = (): number => (isDense() ? 44 : 56)
