/** Why a file that nothing excludes is no work: what it is instead of sound or video. */
export const REASONS = [
  "picture",
  "text",
  "playlist",
  "midi",
  "document",
  "archive",
  "program",
  "data",
  "empty",
  /** It can't be opened, and its name doesn't say that it is media. */
  "unreadable",
  /** A link, which is never followed: it may lead anywhere. */
  "link",
  /** Its first bytes are those of nothing that the engine reads. */
  "unknown"
] as const

/** Why a file is no media. */
export type IgnoredReason = (typeof REASONS)[number]

/** How many files, by reason. */
export type IgnoredCounts = Readonly<Partial<Record<IgnoredReason, number>>>

const known = new Set<string>(REASONS)

export const isReason = (text: string): text is IgnoredReason => known.has(text)

/** Counts taken together. */
export const sum = (a: IgnoredCounts, b: IgnoredCounts): IgnoredCounts =>
  Object.fromEntries(
    REASONS.flatMap((reason) => {
      const count = (a[reason] ?? 0) + (b[reason] ?? 0)
      return count === 0 ? [] : [[reason, count]]
    })
  )

/** How many files that are, for all reasons. */
export const total = (counts: IgnoredCounts): number => Object.values(counts).reduce((all, count) => all + count, 0)
