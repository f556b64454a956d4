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
  power = 0

  add(sample: number): void {
    if (this.count === this.#samples.length) {
      const larger = new Float32Array(2 * this.count)
      larger.set(this.#samples)
      this.#samples = larger
    }
    this.#samples[this.count++] = sample
    this.power += sample * sample
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
    const tracks = (width === 1 ? [1] : [1, -1]).map((sign) => ({
      sign,
      decimator: new Decimator(sampleRate),
      recording: new Recording()
    }))
    const rate = sampleRate / new Decimator(sampleRate).factor
    const enough = Math.floor(maxSeconds * rate)
    return {
      take: ({ channels, count }) => {
        for (const { decimator, recording, sign } of tracks) {
          if (recording.count >= enough) continue
          for (let i = 0; i < count; i++) {
            let sum = 0
            for (let n = 0; n < width; n++) sum += (n % 2 === 0 ? 1 : sign) * (channels[n]?.[i] ?? 0)
            line[i] = sum / width
          }
          decimator.see(line, count, (sample) => {
            if (recording.count < enough) recording.add(sample)
          })
        }
      },
      finish: () => {
        const [sum, difference] = tracks.map(({ recording }) => recording)
        const heard = difference !== undefined && sum !== undefined && sum.power < CANCELLED * difference.power ? difference : sum
        const samples = heard?.samples ?? new Float32Array(0)
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
