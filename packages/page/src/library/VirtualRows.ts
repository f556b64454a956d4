/** Pixels: taller than this, browsers lose count of an element. A million rows are three times as tall. */
export const TALLEST = 12_000_000

/** What of a long list of equal rows is shown, and where. */
export interface Window {
  /** The first row, and the one after the last. */
  readonly first: number
  readonly end: number
  /** Where the first one stands in the element, in pixels. */
  readonly top: number
}

/**
 * Places rows of one height in an element that is no taller than a browser can have: scrolling by the wheel moves pixel by pixel, and
 * a jump of the scrollbar goes to the place in proportion. (A list of fixed rows needs no measuring: this is all of it.)
 */
export class VirtualRows {
  private shift = 0
  private before = 0

  constructor(
    private count: number,
    private height: number
  ) {}

  resize(count: number, height: number): void {
    if (height !== this.height) {
      this.shift = 0
      this.before = 0
    }
    this.count = count
    this.height = height
  }

  /** Pixels of the element that is scrolled. */
  get tall(): number {
    return Math.min(this.count * this.height, TALLEST)
  }

  private get all(): number {
    return this.count * this.height
  }

  /** Pixels from the list's beginning to the upper edge, for a place of the scrollbar. */
  private at(scrollTop: number, viewport: number): number {
    if (this.all <= TALLEST) return scrollTop
    const most = Math.max(1, this.tall - viewport)
    const isJump = Math.abs(scrollTop - this.before) > Math.max(viewport, 4_000)
    const atEnd = scrollTop <= 0 || scrollTop >= most
    if (isJump || atEnd) this.shift = Math.round((scrollTop / most) * (this.all - viewport)) - scrollTop
    this.before = scrollTop
    return Math.min(Math.max(0, scrollTop + this.shift), this.all - viewport)
  }

  /** @param shown rows in it, wherever it stands: those in sight are in its middle, but for the list's own ends */
  window(scrollTop: number, viewport: number, shown: number): Window {
    const at = this.at(scrollTop, viewport)
    const before = Math.floor((shown - viewport / this.height) / 2)
    const first = Math.max(0, Math.min(Math.floor(at / this.height) - before, this.count - shown))
    return { first, end: Math.min(this.count, first + shown), top: first * this.height - (at - scrollTop) }
  }

  /** Where the scrollbar must stand so that a row is in sight; `undefined`: it is already. */
  reveal(row: number, scrollTop: number, viewport: number): number | undefined {
    const at = this.at(scrollTop, viewport)
    const top = row * this.height
    if (top >= at && top + this.height <= at + viewport) return undefined
    const wanted = Math.max(0, top < at ? top : top + this.height - viewport)
    if (this.all <= TALLEST) return wanted
    const next = Math.round((wanted / (this.all - viewport)) * (this.tall - viewport))
    if (Math.abs(wanted - at) <= 4_000) return scrollTop + (wanted - at)
    this.shift = wanted - next
    this.before = next
    return next
  }
}
