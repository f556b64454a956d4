import { Kernels } from "./Kernels.js"
import { MeterRun, type MeterSpec } from "./MeterRun.js"
import type { PcmFormat } from "./Pcm.js"

/** Interleaved bytes of some channels of equal length. */
export const interleaved = (channels: ReadonlyArray<Float32Array>): Uint8Array => {
  const count = channels[0]?.length ?? 0
  const samples = new Float32Array(count * channels.length)
  for (const [n, channel] of channels.entries())
    for (let i = 0; i < count; i++) samples[i * channels.length + n] = channel[i] ?? 0
  return new Uint8Array(samples.buffer)
}

/** What one meter says of some channels, which reach it in pieces of `piece` bytes. */
export const measure = (
  spec: MeterSpec,
  channels: ReadonlyArray<Float32Array>,
  format: Partial<PcmFormat> = {},
  piece = 10_007
) => {
  const sampleRate = format.sampleRate ?? 48_000
  const run = new MeterRun([spec], {
    sampleRate,
    channels: channels.length,
    mask: 0,
    codec: "pcm_f32le",
    seconds: (channels[0]?.length ?? 0) / sampleRate,
    startSeconds: 0,
    ...format
  })
  const bytes = interleaved(channels)
  for (let at = 0; at < bytes.length; at += piece) run.read(bytes.subarray(at, at + piece))
  const [measured] = run.finish()
  return measured ?? { values: {}, rows: [] }
}

/** A sine from -1 to 1. */
export const sine = (hertz: number, seconds: number, rate = 48_000, level = 1, phase = 0): Float32Array =>
  Float32Array.from({ length: Math.round(seconds * rate) }, (_, i) => level * Math.sin((2 * Math.PI * hertz * i) / rate + phase))

/** What comes of a computation on kernels of its own. */
export const onKernels = <A>(run: (kernels: Kernels) => A): A => {
  const kernels = Kernels.take(1024 * 1024)
  const made = run(kernels)
  kernels.release()
  return made
}
