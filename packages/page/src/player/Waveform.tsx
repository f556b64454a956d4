import { createEffect, createSignal, onCleanup, onMount } from "solid-js"
import * as Theme from "../layout/Theme.js"
import type { Wave } from "./Peaks.js"

/** A stretch that is marked, in seconds. */
export interface Region {
  readonly start: number
  readonly end: number
}

interface Props {
  readonly wave: Wave | undefined
  /** 0 to 1: the part that was played. */
  readonly played?: number
  readonly seconds?: number | undefined
  readonly regions?: ReadonlyArray<Region>
  /** Pixels of a bar and the gap after it. */
  readonly bar?: number
  readonly class?: string
  /** Whether it stands on the soft ground, where the plain colour would be too weak. */
  readonly isOnSoft?: boolean
  /** Called with the place in seconds that was clicked. */
  readonly seek?: (seconds: number) => void
  /** Called with the stretch that was drawn. */
  readonly draw?: ((region: Region) => void) | undefined
}

/** The size of a canvas in CSS pixels. */
interface Size {
  readonly width: number
  readonly height: number
}

/** Draws peaks as bars, mirrored about the middle; the played ones in the accent. */
const paint = (canvas: HTMLCanvasElement, { height, width }: Size, props: Props): void => {
  const ratio = Math.min(devicePixelRatio, 2)
  if (width === 0 || height === 0) return
  if (canvas.width !== Math.round(width * ratio)) canvas.width = Math.round(width * ratio)
  if (canvas.height !== Math.round(height * ratio)) canvas.height = Math.round(height * ratio)
  const context = canvas.getContext("2d")
  if (context === null) return
  const { accent, region, wave, waveOnSoft } = Theme.palette()
  const plain = props.isOnSoft === true ? waveOnSoft : wave
  context.setTransform(ratio, 0, 0, ratio, 0, 0)
  context.clearRect(0, 0, width, height)
  const { seconds = 0 } = props
  for (const { end, start } of seconds > 0 ? (props.regions ?? []) : []) {
    context.fillStyle = region
    const left = (start / seconds) * width
    context.fillRect(left, 0, Math.max(2, ((end - start) / seconds) * width), height)
  }
  const step = props.bar ?? 4
  const bars = Math.max(1, Math.floor(width / step))
  const peaks = props.wave
  const playedBars = Math.ceil((props.played ?? 0) * bars)
  const tall = (i: number): number => {
    let most = 0
    if (peaks !== null && peaks !== undefined)
      for (
        let j = Math.floor((i * peaks.length) / bars);
        j < Math.max(((i + 1) * peaks.length) / bars, (i * peaks.length) / bars + 1);
        j++
      )
        most = Math.max(most, peaks[j] ?? 0)
    // A quiet sound is still seen: loudness is heard by its logarithm, not by its samples.
    return Math.max(2, Math.pow(most / 255, 0.7) * (height - 4))
  }
  const draw = (from: number, to: number, colour: string): void => {
    if (from >= to) return
    context.fillStyle = colour
    context.beginPath()
    for (let i = from; i < to; i++) {
      const bar = tall(i)
      context.rect(i * step, (height - bar) / 2, Math.max(1, step - 2), bar)
    }
    context.fill()
  }
  draw(0, playedBars, accent)
  draw(playedBars, bars, plain)
}

const listeners = new WeakMap<Element, (size: Size) => void>()
/** One for all canvases. Tells of a canvas once it is in the page, and whenever its size is another. */
const sizes = new ResizeObserver((entries) => {
  for (const { contentRect, target } of entries) listeners.get(target)?.(contentRect)
})

/** A waveform on a canvas. It is a picture: what it shows, its neighbours say in words. */
export const Waveform = (props: Props) => {
  let canvas: HTMLCanvasElement | undefined
  let from: number | undefined
  const [size, setSize] = createSignal<Size>(
    { width: 0, height: 0 },
    { equals: (a, b) => a.width === b.width && a.height === b.height }
  )
  // Everything that is drawn is read in it, so that a change draws it again.
  createEffect(() => canvas && paint(canvas, size(), props))
  onMount(() => {
    const own = canvas
    if (own === undefined) return
    listeners.set(own, ({ height, width }) => setSize({ height, width }))
    sizes.observe(own)
    onCleanup(() => sizes.unobserve(own))
  })
  const secondsAt = (event: PointerEvent): number => {
    const box = event.currentTarget instanceof Element ? event.currentTarget.getBoundingClientRect() : new DOMRect()
    return Math.min(1, Math.max(0, (event.clientX - box.left) / Math.max(1, box.width))) * (props.seconds ?? 0)
  }
  return (
    <canvas
      ref={canvas}
      class={`wave ${props.class ?? ""}`}
      classList={{ "wave-live": props.seek !== undefined || props.draw !== undefined }}
      aria-hidden="true"
      onPointerDown={(event) => {
        if (props.seek === undefined && props.draw === undefined) return
        from = secondsAt(event)
        event.currentTarget.setPointerCapture(event.pointerId)
      }}
      onPointerMove={(event) => {
        if (from === undefined || props.draw === undefined) return
        const to = secondsAt(event)
        props.draw({ start: Math.min(from, to), end: Math.max(from, to) })
      }}
      onPointerUp={(event) => {
        if (from === undefined) return
        const to = secondsAt(event)
        const isClick = Math.abs(to - from) < (props.seconds ?? 0) * 0.01
        if (isClick || props.draw === undefined) props.seek?.(to)
        from = undefined
      }}
    />
  )
}
