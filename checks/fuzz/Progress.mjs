// How far a fuzzer came, so that the same command goes on there.
import { existsSync, readFileSync, renameSync, writeFileSync } from "node:fs"

export class Progress {
  #file
  #kept
  #until

  /**
   * @param file where it is kept; without one nothing is
   * @param minutes after which this part ends
   * @param seed of a first part
   */
  constructor({ file, minutes, seed }) {
    this.#file = file
    this.#until = performance.now() + minutes * 60_000
    this.#kept = file !== undefined && existsSync(file) ? JSON.parse(readFileSync(file, "utf8")) : { seed, courses: {} }
  }

  get seed() {
    return this.#kept.seed
  }
  get isOver() {
    return performance.now() > this.#until
  }

  /** What was tried of a course, how often each answer came, and what was wrong. */
  course(name) {
    return (this.#kept.courses[name] ??= { done: 0, wrong: 0, answers: {} })
  }
  /** Keeps what was noted in the courses. */
  save() {
    if (this.#file === undefined) return
    writeFileSync(`${this.#file}.new`, JSON.stringify(this.#kept))
    renameSync(`${this.#file}.new`, this.#file)
  }
}

/** Adds an answer to a course. */
export const count = ({ answers }, code, times = 1) => {
  answers[code] = (answers[code] ?? 0) + times
}

/** The answers of a course, the most frequent first. */
export const told = ({ answers }) =>
  Object.entries(answers)
    .sort(([, a], [, b]) => b - a)
    .map(([code, times]) => `${code} ${times}`)
    .join(", ")
