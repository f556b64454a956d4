import { Decimator } from "./Decimator.js"
import { finite, type MakeMeter } from "./Meter.js"
import * as MusicalKey from "./MusicalKey.js"
import * as Tempo from "./Tempo.js"

/** A sum that lost this share of the channels' mean power (6 dB) is not what is heard. */
const CANCELLED = 0.25

/** Samples that grow. */
class Recording {
  #samples = new Float32Array(65_536)
  count = 0

  add(sample: number): void {
    if (this.count === this.#samples.length) {
      const larger = new Float32Array(2 * this.count)
      larger.set(this.#samples)
      this.#samples = larger
    }
    this.#samples[this.count++] = sample
  }

  get samples(): Float32Array {
    return this.#samples.subarray(0, this.count)
  }
}

/** Tempo and key, estimated from the first `maxSeconds` of the sum of all channels, or of their difference where the sum cancels. */
export const musicMeter =
  ({ maxSeconds }: { readonly maxSeconds: number }): MakeMeter =>
  ({ channels: width, sampleRate }) => {
    const line = new Float32Array(4096)
    const decimator = new Decimator(sampleRate)
    const recording = new Recording()
    const rate = sampleRate / decimator.factor
    const enough = Math.floor(maxSeconds * rate)
    let summed = 0
    let flipped = 0
    return {
      take: ({ channels, count }) => {
        if (recording.count >= enough) return
        let [sum, difference] = [0, 0]
        for (let i = 0; i < count; i++) {
          let even = 0
          let odd = 0
          for (let n = 0; n < width; n += 2) {
            even += channels[n]?.[i] ?? 0
            odd += channels[n + 1]?.[i] ?? 0
          }
          line[i] = even + odd
          sum += (even + odd) * (even + odd)
          difference += (even - odd) * (even - odd)
        }
        summed += sum
        flipped += difference
        // So far the sum cancels: its channels are in opposite phase.
        if (summed < CANCELLED * flipped)
          for (let n = 1; n < width; n += 2) {
            const channel = channels[n]
            if (channel !== undefined) for (let i = 0; i < count; i++) line[i] = (line[i] ?? 0) - 2 * (channel[i] ?? 0)
          }
        for (let i = 0; i < count; i++) line[i] = (line[i] ?? 0) / width
        decimator.see(line, count, recording)
      },
      finish: () => {
        const samples = recording.samples.subarray(0, enough)
        const tempo = Tempo.estimate(samples, rate)
        const key = MusicalKey.estimate(samples, rate)
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
