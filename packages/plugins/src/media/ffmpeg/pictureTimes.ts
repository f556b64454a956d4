/** The number of a release of ffmpeg, like 5.1; infinite where it is none of a release. */
export const releaseOf = (version: string): number => {
  const release = /^n?(\d+\.\d+)/.exec(version)?.[1]
  return release === undefined ? Infinity : Number(release)
}

/** Seconds that a last picture must stand longer than others to be told how long. */
const PAUSE = 0.5

/**
 * The filter of packets that has the last picture of an MP4 stand to its end: an encoder of ffmpeg's before 6.1 doesn't hear how long, and
 * gives it as much as the one before. In older versions it doesn't know the clock of other containers.
 *
 * @param endSeconds of the copy
 */
export const lastPicture = (
  version: string,
  container: string,
  endSeconds: number | undefined
): Readonly<Record<string, string>> => {
  if (endSeconds === undefined || container !== "mp4" || releaseOf(version) < 5) return {}
  const isLast = "(isnan(NEXT_PTS)+lt(NEXT_PTS,-1e15))"
  const left = `${endSeconds}/TB-PTS`
  return { "bsf:v": `setts=pts=PTS:dts=DTS:duration='if(${isLast}*gt(${left}-DURATION,${PAUSE}/TB),${left},DURATION)'` }
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
