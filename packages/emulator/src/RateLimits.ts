/** What an account may do; absent is without limit. */
export interface Rates {
  readonly rpm: number | undefined
  readonly tpm: number | undefined
}

/** Counts an account's traffic the hard way: by the second as well as by the minute. */
export interface Limits {
  /**
   * Whether one request more is allowed; counted when it is.
   *
   * @param at when it arrived, in seconds of `performance.now`
   */
  readonly request: (at: number) => boolean
  /** Whether a request of so many tokens is allowed; counted when it is. */
  readonly tokens: (input: number) => boolean
  /** Counts what was answered. */
  readonly answered: (output: number) => void
}

const now = (): number => performance.now() / 1000

/**
 * Requests: in any second at most a sixtieth of the minute's (at least one), in any minute no more than the minute's. Tokens: they
 * flow back at a sixtieth a second, up to one second's worth; a request is let in while any are left, and may leave a debt.
 */
export const limits = (rates: () => Rates): Limits => {
  let times: Array<number> = []
  let level: number | undefined
  let at = now()
  const refill = (perSecond: number) => {
    const time = now()
    level = Math.min(perSecond, (level ?? perSecond) + (time - at) * perSecond)
    at = time
  }
  const spend = (amount: number, whatever: boolean): boolean => {
    const { tpm } = rates()
    if (tpm === undefined) return true
    refill(tpm / 60)
    if (!whatever && (level ?? 0) <= 0) return false
    level = (level ?? 0) - amount
    return true
  }
  return {
    request: (time) => {
      const { rpm } = rates()
      if (rpm === undefined) return true
      times = times.filter((one) => time - one < 60)
      const second = times.filter((one) => time - one < 1).length
      if (times.length >= rpm || second >= Math.max(1, Math.ceil(rpm / 60))) return false
      times.push(time)
      return true
    },
    tokens: (input) => spend(input, false),
    answered: (output) => void spend(output, true)
  }
}
