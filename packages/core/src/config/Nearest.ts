import { distance } from "fastest-levenshtein"

/** A name so far away is no misspelling. */
const far = (name: string): number => Math.max(2, Math.ceil(name.length / 3))

/** The known names that `name` may have meant, the nearest first, five at most; all of them when they are few and none is near. */
export const nearest = (name: string, known: Iterable<string>): ReadonlyArray<string> => {
  const all = [...new Set(known)]
  const lower = name.toLowerCase()
  const near = all
    .map((candidate) => ({ candidate, away: distance(lower, candidate.toLowerCase()) }))
    .filter(({ away, candidate }) => away <= far(name) || (name.length >= 3 && candidate.toLowerCase().includes(lower)))
    .sort((a, b) => a.away - b.away)
    .map(({ candidate }) => candidate)
  return near.length > 0 ? near.slice(0, 5) : all.length <= 8 ? all : []
}
