import { Rational, type Stream } from "node-av/lib"
import { isFrameRate } from "../Streams.js"

/** Pictures a second of a stream: on the average, or where that is no rate the least; 0 where nothing tells. */
export const frameRate = ({ avgFrameRate, rFrameRate }: Stream): Rational =>
  [avgFrameRate, rFrameRate].find(({ den, num }) => isFrameRate(num / den)) ?? new Rational(0, 1)
