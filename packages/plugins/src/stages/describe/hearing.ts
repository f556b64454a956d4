import type { Acoustics } from "../../kinds.js"

/** Hz between which people hear. */
const LOWEST = 20
const HIGHEST = 20_000
/** Hz up to which the centre of a spectrum may lie below {@link LOWEST}: its bins are no narrower. */
const BLURRED = 60
/** dB by which the loudness of what lies below {@link LOWEST} falls short of its level (ITU-R BS.1770, the weighting at 20 Hz). */
const UNHEARD = 13

type Measured = Pick<Acoustics, "brightness" | "integratedLoudness" | "rmsLevel">

/** Most of the sound lies above what people hear. */
export const isUltrasound = ({ brightness = 0 }: Pick<Acoustics, "brightness">): boolean => brightness > HIGHEST

/** Most of the sound lies below what people hear. */
export const isInfrasound = ({ brightness = Infinity, integratedLoudness, rmsLevel }: Measured): boolean =>
  brightness < LOWEST ||
  (brightness < BLURRED && rmsLevel !== undefined && integratedLoudness !== undefined && rmsLevel - integratedLoudness > UNHEARD)
