import type { FilterLog } from "../RequestHandler.js"
import { counterOf, nameOf } from "./CommandLine.js"

/** What one filter has logged. */
interface Lines {
  /** `key: value` and `key=value`; the last one counts, for ffmpeg may set a filter up twice. */
  readonly values: Map<string, string>
  /** Every value of the keys that come again and again. */
  readonly series: Map<string, Array<number>>
  /** The levels of each channel, in `astats`. */
  readonly channels: Array<Map<string, string>>
  channel: number
  /** Whether the filter had come to an end before, and began again. */
  isAgain: boolean
}

/** Under these keys filters say how many samples passed. */
const counts = new Set(["n_samples", "Number of samples"])

const own = /^\[\w+@(\w+) @ 0x[0-9a-f]+\] ?(.*)$/
const pair = /^\s*([A-Za-z][\w. ]*?)\s*[:=]\s*(\S+)/
/** FFmpeg to 6, and from 7 on. */
const damage = [
  /^Error while decoding stream #(\d+):\d+: (.*)$/,
  /^\[[av]ist#(\d+):\d+\/\S+ @ 0x[0-9a-f]+\] (?:\[dec:\S+ @ 0x[0-9a-f]+\] )?(?:Error submitting packet to decoder|Decoding error|Error while decoding[^:]*): (.*)$/
]
const clock = /time=(\d+):(\d\d):(\d\d(?:\.\d+)?)/

const number = (text: string | undefined): number => (text === undefined ? NaN : text === "-inf" ? -Infinity : Number(text))

/** Reads what ffmpeg logs: measurements by the filter's name, damage by the input's number, and how far it is. */
export class FfmpegLog {
  readonly #nonce: string
  readonly #filters = new Map<string, Lines>()
  readonly #damage = new Map<number, Array<string>>()
  /** The filter whose block of unmarked lines goes on. */
  #open: Lines | undefined
  /** The last lines that say something, for the failure's cause. */
  readonly tail: Array<string> = []
  /** Seconds that are done, as ffmpeg last said. */
  seconds = 0

  constructor(nonce: string) {
    this.#nonce = nonce
  }

  /** One line, without its end. */
  read(line: string): void {
    const time = clock.exec(line)
    if (time !== null) {
      this.seconds = Number(time[1]) * 3600 + Number(time[2]) * 60 + Number(time[3])
      return
    }
    const mine = own.exec(line)
    if (mine !== null) {
      const [, name = "", text = ""] = mine
      // Another's words end our block too.
      this.#open = name.startsWith(this.#nonce) ? this.#linesOf(name) : undefined
      if (this.#open === undefined) return
      return this.#note(this.#open, text)
    }
    if (this.#open !== undefined && /^(\s|$)/.test(line)) return this.#note(this.#open, line)
    this.#open = undefined
    for (const pattern of damage) {
      const met = pattern.exec(line)
      if (met === null) continue
      const [, input, what = ""] = met
      const before = this.#damage.get(Number(input)) ?? []
      this.#damage.set(Number(input), [...before, what])
    }
    if (line.trim() !== "" && !line.startsWith("  ")) {
      this.tail.push(line)
      if (this.tail.length > 12) this.tail.shift()
    }
  }

  #linesOf(name: string): Lines {
    const known = this.#filters.get(name)
    if (known !== undefined) return known
    const lines: Lines = { values: new Map(), series: new Map(), channels: [], channel: 0, isAgain: false }
    this.#filters.set(name, lines)
    return lines
  }

  #note(lines: Lines, text: string): void {
    const met = pair.exec(text)
    if (met === null) {
      if (text.startsWith("Overall")) lines.channel = 0
      return
    }
    const [, key = "", value = ""] = met
    if (key.startsWith("lavfi.")) {
      const series = lines.series.get(key)
      if (series === undefined) lines.series.set(key, [number(value)])
      else series.push(number(value))
    } else if (key === "Channel") {
      lines.channel = Number(value)
      lines.channels[lines.channel - 1] = new Map()
    } else if (counts.has(key)) {
      // A filter that had counted something before was set up again for other sound.
      lines.isAgain ||= number(lines.values.get(key)) > 0
      lines.values.set(key, value)
    } else if (lines.channel > 0) lines.channels[lines.channel - 1]?.set(key, value)
    else lines.values.set(key, value)
  }

  /** What the filter of one request logged. */
  filter(job: number, place: number): FilterLog {
    const lines = this.#filters.get(nameOf(this.#nonce, job, place))
    return {
      value: (key) => number(lines?.values.get(key)),
      series: (key) => lines?.series.get(`lavfi.${key}`) ?? [],
      channels: (lines?.channels ?? []).map((channel) => (key) => number(channel.get(key)))
    }
  }

  /** Samples of a stream that were counted: of all channels together by its counter, of one by `astats`. */
  samples(job: number, stream: number, channels: number, places: ReadonlyArray<number>): number | undefined {
    const counter = number(this.#filters.get(counterOf(this.#nonce, job, stream))?.values.get("n_samples"))
    if (Number.isFinite(counter)) return counter / channels
    for (const place of places) {
      const count = number(this.#filters.get(nameOf(this.#nonce, job, place))?.values.get("Number of samples"))
      if (Number.isFinite(count)) return count
    }
    return undefined
  }

  /** Whether a stream became another on its way, so that filters began again in its middle. */
  isChanging(job: number, stream: number, places: ReadonlyArray<number>): boolean {
    const names = [counterOf(this.#nonce, job, stream), ...places.map((place) => nameOf(this.#nonce, job, place))]
    return names.some((name) => this.#filters.get(name)?.isAgain)
  }

  /** What decoders said of the inputs with these numbers. */
  complaints(inputs: ReadonlyArray<number>): ReadonlyArray<string> {
    return inputs.flatMap((input) => this.#damage.get(input) ?? [])
  }
}
