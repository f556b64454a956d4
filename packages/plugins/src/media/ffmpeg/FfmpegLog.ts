import { counterOf } from "./passOutputs.js"

/** What the counter of a stream has logged. */
interface Counter {
  /** Samples of all channels together; the last word counts, for ffmpeg may set a filter up twice. */
  samples: number
  /** Whether it had come to an end before, and began again. */
  isAgain: boolean
}

const own = /^\[volumedetect@(\w+) @ 0x[0-9a-f]+\] n_samples: (\d+)/
/** FFmpeg to 6, and from 7 on. */
const damage = [
  /^Error while decoding stream #(\d+):\d+: (.*)$/,
  /^\[[av]ist#(\d+):\d+\/\S+ @ 0x[0-9a-f]+\] (?:\[dec:\S+ @ 0x[0-9a-f]+\] )?(?:Error submitting packet to decoder|Decoding error|Error while decoding[^:]*): (.*)$/
]
const clock = /time=(\d+):(\d\d):(\d\d(?:\.\d+)?)/

/** Reads what ffmpeg logs: damage by the input's number, counters by their name, and how far it is. */
export class FfmpegLog {
  readonly #nonce: string
  readonly #counters = new Map<string, Counter>()
  readonly #damage = new Map<number, Array<string>>()
  /** The last lines that say something, for the failure's cause. */
  readonly tail: Array<string> = []
  /** Seconds that are done, as ffmpeg last said. */
  seconds = 0

  constructor(nonce: string) {
    this.#nonce = nonce
  }

  /** One line, without its end. */
  read(line: string): void {
    // Most lines describe streams: of inputs, and of outputs.
    if (line.startsWith("  ")) return
    const time = clock.exec(line)
    if (time !== null) {
      this.seconds = Number(time[1]) * 3600 + Number(time[2]) * 60 + Number(time[3])
      return
    }
    const counted = own.exec(line)
    if (counted !== null) return this.#count(counted[1] ?? "", Number(counted[2]))
    for (const pattern of damage) {
      const met = pattern.exec(line)
      if (met === null) continue
      const [, input, what = ""] = met
      const before = this.#damage.get(Number(input)) ?? []
      this.#damage.set(Number(input), [...before, what])
    }
    if (line.trim() !== "" && !line.startsWith("[volumedetect@")) {
      this.tail.push(line)
      if (this.tail.length > 12) this.tail.shift()
    }
  }

  #count(name: string, samples: number): void {
    const before = this.#counters.get(name)
    this.#counters.set(name, { samples, isAgain: before !== undefined && (before.isAgain || before.samples > 0) })
  }

  /** Samples of a stream that were counted, of all channels together. */
  samples(job: number, stream: number): number | undefined {
    return this.#counters.get(counterOf(this.#nonce, job, stream))?.samples
  }

  /** Whether a stream became another on its way, so that filters began again in its middle. */
  isChanging(job: number, stream: number): boolean {
    return this.#counters.get(counterOf(this.#nonce, job, stream))?.isAgain === true
  }

  /** What decoders said of the inputs with these numbers. */
  complaints(inputs: ReadonlyArray<number>): ReadonlyArray<string> {
    return inputs.flatMap((input) => this.#damage.get(input) ?? [])
  }
}
