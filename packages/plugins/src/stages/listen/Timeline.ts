/** `1:02:03` or `2:03`; whole seconds. */
const clock = (seconds: number): string => {
  const all = Math.floor(seconds)
  const rest = `${Math.floor(all / 60) % 60}:${String(all % 60).padStart(2, "0")}`
  return all < 3600 ? rest : `${Math.floor(all / 3600)}:${rest.padStart(5, "0")}`
}

/** Windows' texts as one: a single one is itself, several stand below each other, each after its time. */
export const join = (
  windows: ReadonlyArray<{ readonly startSeconds: number; readonly endSeconds: number; readonly text: string }>
): string => {
  const [only] = windows
  return windows.length === 1 && only !== undefined
    ? only.text
    : windows.map(({ endSeconds, startSeconds, text }) => `${clock(startSeconds)}–${clock(endSeconds)}\n${text}`).join("\n\n")
}
