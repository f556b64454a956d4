/** Files up to so many bytes are read, sent and written in one piece: streams would cost more than the bytes. */
export const ONE_PIECE = 1024 ** 2
