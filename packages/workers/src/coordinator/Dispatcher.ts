import type { WorkerError } from "../protocol/WorkerError.js"

/** Where an attempt runs. */
export type Decision = "here" | "workers"

/** An attempt that asks where it may run. */
export interface Applicant {
  /** The queue of its kind. */
  readonly queue: string
  /** The part of a slot that it fills: asked when there may be room for it, as more may be known by then. */
  readonly weight: () => number
  /** @param weight what it fills from now on */
  readonly decide: (decision: Decision, weight: number) => void
  /** Nobody will take it. */
  readonly refuse: (why: WorkerError) => void
}

/** What a worker can take. */
export interface Capacity {
  readonly slots: number
  readonly takes: ReadonlyArray<string>
}

/** So many jobs are out for every slot that was seen: one at work, one at hand. */
const JOBS_PER_SLOT = 2
/** What sums of fractions may be off by. */
const EPSILON = 1e-6

/**
 * Decides where attempts run: on workers as long as those have room, here when they have none, and otherwise as soon as
 * either has. Whoever came first goes first, unless only another fits.
 */
export class Dispatcher {
  private readonly waiting = new Set<Applicant>()
  private readonly out = new Map<string, number>()
  private free: number
  private total = 0
  private capacity = new Map<string, number>()
  private all = 0

  /** @param slots of this machine for such work; 0: none */
  constructor(private readonly slots: number) {
    this.free = slots
  }

  /** The workers that live. */
  see(workers: ReadonlyArray<Capacity>): void {
    this.capacity = new Map()
    this.all = 0
    for (const { slots, takes } of workers) {
      this.all += slots * JOBS_PER_SLOT
      for (const queue of takes) this.capacity.set(queue, (this.capacity.get(queue) ?? 0) + slots * JOBS_PER_SLOT)
    }
    this.pump()
  }

  /** Enters the line; gives what takes the applicant out of it again. */
  apply(applicant: Applicant): () => void {
    this.waiting.add(applicant)
    this.pump()
    return () => void this.waiting.delete(applicant)
  }

  /** A job is out no more. */
  back(queue: string, weight: number): void {
    this.out.set(queue, (this.out.get(queue) ?? 0) - weight)
    this.total -= weight
    this.pump()
  }

  /** Work on this machine has ended. */
  done(weight: number): void {
    this.free += weight
    this.pump()
  }

  /** Takes room on this machine for a job that is out, where nobody else waits for it. */
  claim(weight: number): boolean {
    if (this.waiting.size > 0 || this.free <= EPSILON) return false
    this.free -= weight
    return true
  }

  /** Whether a worker takes from this queue. */
  takes(queue: string): boolean {
    return (this.capacity.get(queue) ?? 0) > 0
  }

  /** Sends all who wait for this queue away. */
  refuse(queue: string, why: WorkerError): void {
    for (const applicant of [...this.waiting]) {
      if (applicant.queue !== queue) continue
      this.waiting.delete(applicant)
      applicant.refuse(why)
    }
  }

  /** Those that wait while neither this machine nor any worker can take them. */
  stranded(): ReadonlyArray<Applicant> {
    return this.slots > 0 ? [] : [...this.waiting].filter(({ queue }) => !this.takes(queue))
  }

  private hasRoom(queue: string, weight: number): boolean {
    const most = this.capacity.get(queue) ?? 0
    const out = this.out.get(queue) ?? 0
    const fits = (sum: number, most: number) => sum <= EPSILON || sum + weight <= most + EPSILON
    return most > 0 && fits(out, most) && fits(this.total, this.all)
  }

  private pump(): void {
    for (const applicant of this.waiting) {
      const { queue } = applicant
      const weight = applicant.weight()
      if (this.hasRoom(queue, weight)) {
        this.out.set(queue, (this.out.get(queue) ?? 0) + weight)
        this.total += weight
        this.settle(applicant, "workers", weight)
      } else if (this.free > EPSILON) {
        this.free -= weight
        this.settle(applicant, "here", weight)
      } else if (this.total + EPSILON >= this.all) return
    }
  }

  private settle(applicant: Applicant, decision: Decision, weight: number): void {
    this.waiting.delete(applicant)
    applicant.decide(decision, weight)
  }
}
