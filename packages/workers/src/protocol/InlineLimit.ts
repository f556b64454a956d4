/** Values up to this many characters of JSON travel in the queue, whose server keeps them in memory; larger ones travel as files. */
export const INLINE = 16 * 1024
