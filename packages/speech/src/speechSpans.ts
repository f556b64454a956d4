/** How spans are made from the probabilities of single frames. */
export interface SpanLimits {
  /** Probability from which a frame begins speech; it goes on to {@link HYSTERESIS} below. */
  readonly threshold: number
  /** Shorter speech is none. */
  readonly minimumSeconds: number
  /** Shorter pauses are part of it. */
  readonly pauseSeconds: number
}

/** A stretch of speech, with the mean probability of its frames. */
export interface SpeechSpan {
  readonly startSeconds: number
  readonly endSeconds: number
  readonly probability: number
}

/** What speech that has begun may fall below the threshold by: the ends of words are faint. */
const HYSTERESIS = 0.15

/** Seconds that are kept on either side of a span: the model is sure a little late. */
const MARGIN = 0.1

const round = (value: number, steps: number): number => Math.round(value * steps) / steps

/**
 * Spans of speech, in order, that don't touch each other.
 *
 * @param probabilities of frames that follow on each other
 * @param frameSeconds how long each lasts
 * @param durationSeconds length of the sound
 */
export const speechSpans = (
  probabilities: ArrayLike<number>,
  frameSeconds: number,
  durationSeconds: number,
  { minimumSeconds, pauseSeconds, threshold }: SpanLimits
): ReadonlyArray<SpeechSpan> => {
  const found: Array<{ start: number; end: number }> = []
  let start: number | undefined
  for (let frame = 0; frame <= probabilities.length; frame++) {
    const probability = frame < probabilities.length ? (probabilities[frame] ?? 0) : 0
    if (start === undefined && probability >= threshold && frame < probabilities.length) start = frame
    else if (start !== undefined && (probability < threshold - HYSTERESIS || frame === probabilities.length)) {
      const last = found.at(-1)
      if (last !== undefined && (start - last.end) * frameSeconds < pauseSeconds) last.end = frame
      else found.push({ start, end: frame })
      start = undefined
    }
  }
  const mean = (from: number, to: number): number => {
    let sum = 0
    for (let frame = from; frame < to; frame++) sum += probabilities[frame] ?? 0
    return sum / (to - from)
  }
  const long = found.filter(({ end, start }) => (end - start) * frameSeconds >= minimumSeconds)
  return long.map(({ end, start }, n) => {
    const before = long[n - 1]?.end ?? 0
    const after = long[n + 1]?.start ?? Infinity
    // Two neighbours share the pause between them.
    const least = n === 0 ? 0 : ((before + start) / 2) * frameSeconds
    const most = Math.min(durationSeconds, after === Infinity ? Infinity : ((end + after) / 2) * frameSeconds)
    return {
      startSeconds: round(Math.max(least, start * frameSeconds - MARGIN), 1000),
      endSeconds: round(Math.min(most, end * frameSeconds + MARGIN), 1000),
      probability: round(mean(start, end), 1000)
    }
  })
}
