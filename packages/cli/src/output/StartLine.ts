/**
 * The line that `bin/spool.js` writes on a terminal before anything is loaded, so that a person sees at once that something happens.
 * The cursor stands at its beginning; whatever is written first takes its place.
 */
let shown = false

/** The line is there. */
export const mark = (): void => {
  shown = true
}

/** Takes the line away; nothing when there is none. */
export const clear = (): void => {
  if (!shown) return
  shown = false
  process.stderr.write("\u001b[2K")
}
