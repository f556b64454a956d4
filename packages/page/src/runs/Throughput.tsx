import { createMemo } from "solid-js"

const WIDTH = 320
const HEIGHT = 48

/** Files ended a second, over the last two minutes. The number beside it says it in words. */
export const Throughput = (props: { readonly samples: ReadonlyArray<number> }) => {
  const path = createMemo(() => {
    const steps = props.samples.slice(1).map((ended, i) => Math.max(0, ended - (props.samples[i] ?? 0)))
    if (steps.length < 2) return ""
    const most = Math.max(1, ...steps)
    return steps
      .map((step, i) => `${i === 0 ? "M" : "L"}${(i / (steps.length - 1)) * WIDTH} ${HEIGHT - 2 - (step / most) * (HEIGHT - 6)}`)
      .join(" ")
  })
  return (
    <svg class="throughput" viewBox={`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="none" aria-hidden="true">
      <path d={path()} />
    </svg>
  )
}
