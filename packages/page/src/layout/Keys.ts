import { onCleanup } from "solid-js"

/** What a key does; `false`: nothing after all, so the browser may have it. */
type Action = (event: KeyboardEvent) => void | false
type Bindings = Readonly<Record<string, Action>>

const stack: Array<Bindings> = []
let pending: string | undefined

/** `j`, `Shift+ArrowLeft`, `g l` */
const nameOf = (event: KeyboardEvent): string => `${event.shiftKey && event.key.length > 1 ? "Shift+" : ""}${event.key}`

const isTyping = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement &&
  (target.isContentEditable || target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement || isText(target))
const isText = (target: HTMLElement): boolean =>
  target instanceof HTMLInputElement && !["checkbox", "radio", "button", "range"].includes(target.type)

/** Keys that a control in focus needs itself. */
const belongsTo = (target: EventTarget | null, key: string): boolean => {
  if (!(target instanceof HTMLElement)) return false
  if (target instanceof HTMLInputElement && target.type === "range")
    return key.startsWith("Arrow") || key.startsWith("Shift+Arrow")
  const isControl = target.matches("button, a[href], summary, input[type=checkbox], [role=tab], [role=slider]")
  return isControl && (key === "Enter" || key === " ")
}

addEventListener("keydown", (event) => {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return
  if (isTyping(event.target)) return
  const name = nameOf(event)
  if (belongsTo(event.target, name)) return
  const chord = pending === undefined ? name : `${pending} ${name}`
  pending = undefined
  for (const bindings of [...stack].reverse()) {
    const action = bindings[chord]
    if (action === undefined) continue
    if (action(event) === false) continue
    event.preventDefault()
    return
  }
  if (name === "g") pending = "g"
})

/** Keys of a view, while it is there; the one that came last goes first. */
export const useKeys = (bindings: Bindings): void => {
  stack.push(bindings)
  onCleanup(() => stack.splice(stack.indexOf(bindings), 1))
}
