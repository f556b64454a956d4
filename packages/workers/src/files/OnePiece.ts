/** Files up to so many bytes are read, sent and written in one piece: streams would cost more than the bytes. */
export const ONE_PIECE = 1024 ** 2
/** Files up to so many bytes on a worker's own disk are read without the thread pool: its turns take longer. */
export const AT_ONCE = 256 * 1024
