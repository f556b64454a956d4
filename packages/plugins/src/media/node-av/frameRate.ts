import { Rational, type Stream } from "node-av/lib"

/** Pictures a second beyond which a number is a clock. */
const FASTEST = 1000

const isRate = ({ den, num }: Rational): boolean => num > 0 && den > 0 && num / den <= FASTEST

/** Pictures a second of a stream; 0 where nothing tells. On the average DV has 60,000 for libav, which takes its clock for it. */
export const frameRate = ({ avgFrameRate, rFrameRate }: Stream): Rational =>
  [avgFrameRate, rFrameRate].find(isRate) ?? new Rational(0, 1)
