import { Html, html } from "./Html.js"
import type { PlanStep } from "./RunFacts.js"

const BOX = { width: 150, height: 40, across: 70, down: 18 }

/** How many steps lie between a node and the files, by the longest way. */
const levels = (steps: ReadonlyArray<PlanStep>): ReadonlyMap<string, number> => {
  const found = new Map<string, number>()
  for (const { inputs, name } of steps) found.set(name, 1 + Math.max(-1, ...inputs.map((input) => found.get(input) ?? -1)))
  return found
}

/** The pipeline as boxes and arrows, from left to right. */
export const graph = (steps: ReadonlyArray<PlanStep>, note: (node: string) => string): Html => {
  const level = levels(steps)
  const columns = new Map<number, number>()
  const places = new Map(
    steps.map(({ name }) => {
      const x = level.get(name) ?? 0
      const y = columns.get(x) ?? 0
      columns.set(x, y + 1)
      return [name, { x: x * (BOX.width + BOX.across) + 1, y: y * (BOX.height + BOX.down) + 1 }]
    })
  )
  const width = Math.max(1, columns.size) * (BOX.width + BOX.across) - BOX.across + 2
  const height = Math.max(1, ...columns.values()) * (BOX.height + BOX.down) - BOX.down + 2
  const arrows = steps.flatMap(({ inputs, name }) =>
    inputs.flatMap((input) => {
      const [from, to] = [places.get(input), places.get(name)]
      if (from === undefined || to === undefined) return []
      const [x1, y1, x2, y2] = [from.x + BOX.width, from.y + BOX.height / 2, to.x, to.y + BOX.height / 2]
      const half = (x2 - x1) / 2
      return [html`<path class="arrow" d="M${x1} ${y1} C${x1 + half} ${y1} ${x2 - half} ${y2} ${x2} ${y2}" />`]
    })
  )
  const boxes = steps.map(({ name, stage }) => {
    const { x, y } = places.get(name) ?? { x: 0, y: 0 }
    const title = stage === name ? name : `${name} (${stage})`
    return html`<g transform="translate(${x} ${y})"
      ><rect width="${BOX.width}" height="${BOX.height}" rx="6" /> <text x="10" y="17">${title}</text
      ><text class="quiet" x="10" y="32">${note(name)}</text></g
    >`
  })
  return html`<div class="wide">
    <svg
      class="graph"
      width="${width}"
      height="${height}"
      viewBox="0 0 ${width} ${height}"
      role="img"
      aria-label="The pipeline's steps"
    >
      ${arrows}${boxes}
    </svg>
  </div>`
}

/** How much ended when, as bars. */
export const flow = (parts: ReadonlyArray<number>): Html => {
  const most = Math.max(1, ...parts)
  const bars = parts.map((count, i) => {
    const height = count === 0 ? 0 : Math.max(1, Math.round((count / most) * 60))
    return html`<rect x="${i * 10}" y="${60 - height}" width="8" height="${height}" />`
  })
  return html`<svg
    class="flow"
    viewBox="0 0 ${parts.length * 10} 60"
    preserveAspectRatio="none"
    role="img"
    aria-label="Attempts ended over the time of the run"
  >
    ${bars}
  </svg>`
}

/** A waveform. @param peaks 0 to 255, for equal parts of the file */
export const waveform = (peaks: Uint8Array): Html => {
  const bars = [...peaks].map((peak, i) => {
    const height = Math.max(1, Math.round((peak / 255) * 48))
    return html`<rect x="${i * 3}" y="${(50 - height) / 2}" width="2" height="${height}" />`
  })
  return html`<svg class="wave" viewBox="0 0 ${peaks.length * 3} 50" preserveAspectRatio="none" role="img" aria-label="Waveform">
    ${bars}
  </svg>`
}

/** A share of the whole as a bar. */
export const share = (part: number): Html =>
  html`<svg class="share" viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true">
    <rect width="${Math.round(part * 1000) / 10}" height="8" />
  </svg>`
