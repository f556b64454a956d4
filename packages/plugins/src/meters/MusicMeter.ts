import { Decimator } from "./Decimator.js"
import type { Kernels } from "./Kernels.js"
import { finite, type MakeMeter } from "./Meter.js"
import * as MusicalKey from "./MusicalKey.js"
import { BLOCK } from "./Pcm.js"
import * as Tempo from "./Tempo.js"

/** A sum that lost this share of the channels' mean power (6 dB) is not what is heard. */
const CANCELLED = 0.25

/** Samples that grow. */
class Recording {
  #samples: Float32Array
  count = 0

  constructor(
    readonly kernels: Kernels,
    expected: number
  ) {
    this.#samples = kernels.array("recording", expected)
  }

  add(samples: Float32Array): void {
    const end = this.count + samples.length
    if (end > this.#samples.length) {
      const larger = this.kernels.array("recording", 2 * end)
      larger.set(this.#samples)
      this.#samples = larger
    }
    this.#samples.set(samples, this.count)
    this.count = end
  }

  get samples(): Float32Array {
    return this.#samples.subarray(0, this.count)
  }
}

/** Tempo and key, estimated from the first `maxSeconds` of the sum of all channels, or of their difference where the sum cancels. */
export const musicMeter =
  ({ maxSeconds }: { readonly maxSeconds: number }): MakeMeter =>
  ({ channels: width, sampleRate, seconds }, kernels) => {
    const decimator = new Decimator(sampleRate, kernels)
    const rate = sampleRate / decimator.factor
    const enough = Math.floor(maxSeconds * rate)
    const recording = new Recording(kernels, Math.ceil(Math.min(maxSeconds, seconds + 1) * rate) + BLOCK)
    let summed = 0
    let flipped = 0
    return {
      take: ({ count, fold }) => {
        if (recording.count >= enough) return
        const folded = fold()
        summed += folded.summed
        flipped += folded.flipped
        // So far the sum cancels: its channels are in opposite phase.
        const sign = summed < CANCELLED * flipped ? -1 : 1
        kernels.loops.mix(folded.even, 1 / width, folded.odd, sign / width, count, decimator.next)
        recording.add(decimator.see(count))
      },
      finish: () => {
        const samples = recording.samples.subarray(0, enough)
        const tempo = Tempo.estimate(samples, rate, kernels)
        const key = MusicalKey.estimate(samples, rate, kernels)
        return {
          values: finite({
            seconds: Math.round((samples.length / rate) * 100) / 100,
            tempo: tempo?.beatsPerMinute,
            tempoConfidence: tempo?.confidence,
            otherTempo: tempo?.alternative?.beatsPerMinute,
            otherTempoConfidence: tempo?.alternative?.confidence,
            tonic: key === undefined ? undefined : MusicalKey.notes.indexOf(key.tonic),
            isMinor: key === undefined ? undefined : Number(key.mode === "minor"),
            keyConfidence: key?.confidence
          }),
          rows: []
        }
      }
    }
  }
