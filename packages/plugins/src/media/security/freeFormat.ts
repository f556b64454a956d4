/** Bytes of the longest frame of MPEG sound of a free bit rate: 640 kbit/s at 8 kHz. */
const LONGEST = 5760

/**
 * Whether MPEG sound begins here whose headers tell no bit rate ("free format", ISO 11172-3, 2.4.2.3): frames at an even distance that
 * only it tells. libav reads none of it.
 */
export const isFreeFormat = (head: Buffer): boolean => {
  const [first = 0, second = 0, third = 0] = head
  if (first !== 0xff || (second & 0xe0) !== 0xe0 || (second & 0x06) === 0 || (second & 0x18) === 0x08) return false
  if ((third & 0xf0) !== 0 || (third & 0x0c) === 0x0c) return false
  // All but the padding is the same in each frame.
  const begins = (at: number) => head[at] === first && head[at + 1] === second && ((head[at + 2] ?? 0) & 0xfd) === (third & 0xfd)
  for (let length = 24; length <= LONGEST && 2 * length + 4 < head.length; length++)
    if (begins(length) && [-1, 0, 1].some((padding) => begins(2 * length + padding))) return true
  return false
}
