import type { Counts } from "./Scanner.js"

/** Fewer than so many are believed, as long as the folder is the one that it was. */
const MANY = 10

/**
 * Whether the files that a scan misses may have been deleted, or the disk they are on is away: that half of what was known is
 * gone, without as much having come, is too much for a whim. In another folder than the one remembered, half is too much
 * however few they are.
 *
 * @returns why they are not believed to be gone
 */
export const doubt = (
  { files, found, gone, known }: Pick<Counts, "files" | "found" | "gone" | "known">,
  isSameRoot: boolean
): string | undefined => {
  const most = gone * 2 >= known
  if (gone === 0 || !most) return undefined
  if (!isSameRoot) return `${gone} of ${known} known files are missing, and the folder is another one than before`
  const lost = gone - found
  if (lost < MANY || lost * 2 < known) return undefined
  return files === 0 ? `all ${known} known files are missing` : `${gone} of ${known} known files are missing at once`
}
