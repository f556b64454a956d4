import { quartile } from "../protocol/quartile.js"

/** How long the attempts of a batch take together, in milliseconds: as long as its way there and back. */
const BATCH_MILLIS = 40
/** Attempts in a batch. */
export const MOST = 128
/** Measurements that are remembered. */
const REMEMBERED = 16

/** How long attempts of a kind take: quick ones travel together, so that each costs less than its own way; others go alone, at once. */
export class Pace {
  /** Milliseconds; before the first answer nothing is held back for company. */
  private readonly last: Array<number> = []

  /** How many travel together. */
  get most(): number {
    return Math.min(MOST, Math.max(1, Math.floor(BATCH_MILLIS / (quartile(this.last) ?? Infinity))))
  }

  /** Some took so long each, in milliseconds. */
  took(millis: number): void {
    this.last.push(millis)
    if (this.last.length > REMEMBERED) this.last.shift()
  }

  /** One of a batch held the others up. */
  slow(): void {
    this.took(BATCH_MILLIS)
  }
}
