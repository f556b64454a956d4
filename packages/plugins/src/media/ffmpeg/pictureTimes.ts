/** The number of a release of ffmpeg, like 5.1; infinite where it is none of a release. */
export const releaseOf = (version: string): number => {
  const release = /^n?(\d+\.\d+)/.exec(version)?.[1]
  return release === undefined ? Infinity : Number(release)
}

/**
 * Has pictures keep their times, each once: for an MP4, ffmpeg repeats and drops them else until their rate is even, and counts their times
 * by that rate.
 *
 * @param version of ffmpeg, as it calls itself
 */
export const pictureTimes = (version: string): Readonly<Record<string, string | number>> => {
  const release = releaseOf(version)
  return {
    [release < 5.1 ? "vsync" : "fps_mode:v"]: "vfr",
    "enc_time_base:v": release < 6.1 ? -1 : "demux"
  }
}
