/** The lower quartile: on a busy machine most take longer than their work. */
export const quartile = (numbers: ReadonlyArray<number>): number | undefined =>
  numbers.toSorted((a, b) => a - b)[Math.floor((numbers.length - 1) / 4)]
