import { avGetPixFmtName, type Frame } from "node-av/lib"
import { FilterRun, pixelFormat, sampleFormat, soundFormat } from "./FilterRun.js"

/** Filters that bring a picture into the size and format of another. */
const pictureFormat = ({ format, height, sampleAspectRatio: { den, num }, width }: Frame): string =>
  `scale=${width}:${height},setsar=${num > 0 && den > 0 ? `${num}/${den}` : "1"},format=${avGetPixFmtName(pixelFormat(format)) ?? "yuv420p"}`

/**
 * Filters that count, and so may not begin again where the sound or picture becomes another on its way: what has another shape than the
 * first frame is brought into that before it enters.
 */
export class SteadyFilters {
  readonly #main: FilterRun
  #converter: FilterRun | undefined
  #shape = ""
  #latest = ""

  constructor(
    filters: string,
    readonly kind: "sound" | "picture"
  ) {
    this.#main = new FilterRun(filters, kind)
  }

  /** One frame in, and what comes out to `each`. */
  push(source: string, frame: Frame, each: (frame: Frame) => void): void {
    if (this.#converter === undefined) {
      const filters = this.kind === "sound" ? soundFormat(frame, sampleFormat(frame.format)) : pictureFormat(frame)
      this.#converter = new FilterRun(filters, this.kind)
      this.#shape = this.#latest = source
    }
    const enter = (converted: Frame) => this.#main.push(this.#shape, converted, each)
    if (source !== this.#latest) this.#converter.end(enter)
    this.#latest = source
    if (source === this.#shape) enter(frame)
    else this.#converter.push(source, frame, enter)
  }

  /** What the filters still hold. */
  end(each: (frame: Frame) => void): void {
    this.#converter?.end((converted) => this.#main.push(this.#shape, converted, each))
    this.#main.end(each)
  }

  close(): void {
    this.#converter?.close()
    this.#main.close()
  }
}
