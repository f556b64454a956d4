/** The coordinator offered the file, and hasn't got it any more: asking again won't help (RFC 9110, 15.5.11). */
export const GONE = 410
