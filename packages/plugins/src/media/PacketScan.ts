import { longestGap, TimeAxis, TOLERANCE } from "./TimeAxis.js"

/** What a walk over all packets of a file says of its length. */
export interface Scanned {
  /** Where the file begins, in seconds as they stand in it. */
  readonly start: number
  /** Seconds from the first packet of any stream to the end of the last. */
  readonly durationSeconds: number
  /** The end of each stream, by its index, in seconds from there. */
  readonly ends: ReadonlyMap<number, number>
  /** Whether times begin again on the way: such a file can't be entered in its middle. */
  readonly isJoined: boolean
}

interface Track {
  readonly axis: TimeAxis
  readonly start: number
  end: number
}

/** What a packet says of its time, in seconds as they stand in the file. */
export interface PacketTime {
  /** Index of its stream. */
  readonly stream: number
  /** When it is decoded. */
  readonly decoded: number | undefined
  /** When it is heard or seen: pictures are stored in another order. */
  readonly shown: number | undefined
  readonly seconds: number
}

/** Adds up what the packets of a file say of its length, in the order in which they stand in it. */
export class PacketScan {
  readonly #longestGap: number
  readonly #tracks = new Map<number, Track>()

  /** @param container FFmpeg's name */
  constructor(container: string) {
    this.#longestGap = longestGap(container)
  }

  add({ decoded, seconds, shown, stream }: PacketTime): void {
    const time = decoded ?? shown
    const delay = time === undefined || shown === undefined ? 0 : shown - time
    const known = this.#tracks.get(stream)
    const axis = known?.axis ?? new TimeAxis(this.#longestGap)
    const at = axis.place(time, seconds) + delay
    if (known === undefined) this.#tracks.set(stream, { axis, start: at, end: at + seconds })
    else known.end = Math.max(known.end, at + seconds)
  }

  /**
   * @param start the container's own first time, in seconds as they stand in the file: what lies before it isn't heard; `undefined`
   * where it says nothing
   */
  finish(start: number | undefined): Scanned {
    const tracks = [...this.#tracks]
    const first = Math.max(start ?? -Infinity, Math.min(Infinity, ...tracks.map(([, { start }]) => start)))
    const ends = new Map(tracks.map(([stream, { end }]) => [stream, end - first]))
    return {
      start: Number.isFinite(first) ? first : 0,
      durationSeconds: Math.max(0, ...ends.values()),
      ends,
      isJoined: tracks.some(([, { axis }]) => axis.jumps > 0)
    }
  }
}

/** Containers whose length, where no header tells it, libav guesses from the first bit rate or the last time. */
const guesses = new Set([
  "asf",
  "mp3",
  "aac",
  "loas",
  "ac3",
  "eac3",
  "dts",
  "truehd",
  "mlp",
  "mpegts",
  "mpeg",
  "amr",
  "amrnb",
  "amrwb",
  "dv"
])

/** Containers that libav times from their first packet, which a recording may have cut away. */
const startsAnywhere = new Set(["mov", "matroska", "ogg"])

/**
 * Whether a file's packets must be counted for its length.
 *
 * @param isUntold whether no header tells a length
 * @param start the first time in it, in seconds
 */
export const mustCount = (container: string, isUntold: boolean, start: number): boolean =>
  (isUntold && guesses.has(container)) || (startsAnywhere.has(container) && start > TOLERANCE)
