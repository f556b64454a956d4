/** The value below which a share of the values lies; 0 of none. Sorts a copy. */
export const percentile = (values: Float64Array | ReadonlyArray<number>, share: number): number => {
  const sorted = Float64Array.from(values).sort()
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0
}
