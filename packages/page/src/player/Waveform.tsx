import { createEffect, onCleanup, onMount } from "solid-js"
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
  /** Called with the place in seconds that was clicked. */
  readonly seek?: (seconds: number) => void
  /** Called with the stretch that was drawn. */
  readonly draw?: ((region: Region) => void) | undefined
}

const colour = (style: CSSStyleDeclaration, name: string): string => style.getPropertyValue(name).trim()

/** Draws peaks as bars, mirrored about the middle; the played ones in the accent. */
const paint = (canvas: HTMLCanvasElement, props: Props): void => {
  const ratio = Math.min(devicePixelRatio, 2)
  const width = canvas.clientWidth
  const height = canvas.clientHeight
  if (width === 0 || height === 0) return
  if (canvas.width !== Math.round(width * ratio)) canvas.width = Math.round(width * ratio)
  if (canvas.height !== Math.round(height * ratio)) canvas.height = Math.round(height * ratio)
  const context = canvas.getContext("2d")
  if (context === null) return
  const style = getComputedStyle(canvas)
  context.setTransform(ratio, 0, 0, ratio, 0, 0)
  context.clearRect(0, 0, width, height)
  const { seconds = 0 } = props
  for (const { end, start } of seconds > 0 ? (props.regions ?? []) : []) {
    context.fillStyle = colour(style, "--region")
    const left = (start / seconds) * width
    context.fillRect(left, 0, Math.max(2, ((end - start) / seconds) * width), height)
  }
  const step = props.bar ?? 4
  const bars = Math.max(1, Math.floor(width / step))
  const { wave } = props
  const playedBars = (props.played ?? 0) * bars
  const plain = colour(style, "--wave")
  const accent = colour(style, "--accent")
  for (let i = 0; i < bars; i++) {
    let most = 0
    if (wave !== null && wave !== undefined)
      for (
        let j = Math.floor((i * wave.length) / bars);
        j < Math.max(((i + 1) * wave.length) / bars, (i * wave.length) / bars + 1);
        j++
      )
        most = Math.max(most, wave[j] ?? 0)
    // A quiet sound is still seen: loudness is heard by its logarithm, not by its samples.
    const tall = Math.max(2, Math.pow(most / 255, 0.7) * (height - 4))
    context.fillStyle = i < playedBars ? accent : plain
    context.fillRect(i * step, (height - tall) / 2, Math.max(1, step - 2), tall)
  }
}

/** A waveform on a canvas. It is a picture: what it shows, its neighbours say in words. */
export const Waveform = (props: Props) => {
  let canvas: HTMLCanvasElement | undefined
  let from: number | undefined
  const repaint = () => canvas && paint(canvas, props)
  createEffect(() => {
    // Everything that is drawn, so that a change draws it again.
    void [props.wave, props.played, props.regions, props.seconds, Theme.theme()]
    // The colours are read from the page's styles, which have to be the new ones.
    Theme.apply()
    repaint()
  })
  onMount(() => {
    if (canvas === undefined) return
    const observer = new ResizeObserver(repaint)
    observer.observe(canvas)
    onCleanup(() => observer.disconnect())
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
