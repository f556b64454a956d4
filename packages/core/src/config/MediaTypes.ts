/**
 * Extensions of the media files that the engine reads: what a source takes when it doesn't say `include`. Not `ts`: it is TypeScript
 * more often than a transport stream.
 */
export const EXTENSIONS: ReadonlyArray<string> = [
  ...["aac", "ac3", "aif", "aifc", "aiff", "amr", "ape", "au", "caf", "dts", "eac3", "flac", "m4a", "m4b", "mka", "mp2", "mp3"],
  ...["mpc", "oga", "ogg", "opus", "ra", "snd", "spx", "tta", "voc", "w64", "wav", "wma", "wv"],
  ...["3g2", "3gp", "asf", "avi", "f4v", "flv", "m2ts", "m4v", "mkv", "mov", "mp4", "mpeg", "mpg", "mts", "mxf", "ogv"],
  ...["vob", "webm", "wmv"]
]

/** The same as one glob. */
export const INCLUDE: ReadonlyArray<string> = [`**/*.{${EXTENSIONS.join(",")}}`]
