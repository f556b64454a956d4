import { highest } from "./lanes"

/** Samples on either side that a value between two samples is made from. */
const REACH = 12
/** Samples that are passed over, or looked between, at once. */
const STRETCH = 64

/**
 * The highest magnitude between the samples: at the middle (`isFine`: and at the quarters) of each of `count` gaps.
 *
 * @param line `2 × REACH` samples and then `count` more; the first gap lies behind sample `REACH`
 * @param taps of the middle, and the sums and differences of those of the quarters, half of each: `REACH` of either
 * @param curvature how far a value can pass the larger of its neighbours, by the largest second difference around
 * @param peak what was found before
 * @param slack a peak that is not higher by this factor is passed over
 */
export function between(line: usize, count: i32, taps: usize, isFine: bool, curvature: f32, peak: f32, slack: f32): f32 {
  for (let from = 0; from < count; from += STRETCH) {
    const to = min(count, from + STRETCH)
    let high = f32x4.splat(0)
    let curve = f32x4.splat(0)
    let before = v128.load(line + (<usize>from << 2))
    for (let i = from + 4; i < to + 2 * REACH; i += 4) {
      const at = line + (<usize>i << 2)
      const value = v128.load(at)
      const second = f32x4.sub(
        f32x4.add(v128.load(at - 4), v128.load(at - 4)),
        f32x4.add(value, v128.load(at - 8))
      )
      high = f32x4.pmax(high, f32x4.abs(before))
      curve = f32x4.pmax(curve, f32x4.abs(second))
      before = value
    }
    high = f32x4.pmax(high, f32x4.abs(before))
    // The first second differences of a stretch lie before its first four samples.
    const start = line + (<usize>from << 2)
    for (let i = 2; i < 4; i++) {
      const at = start + (<usize>i << 2)
      const second = abs<f32>(<f32>2 * load<f32>(at - 4) - load<f32>(at) - load<f32>(at - 8))
      curve = f32x4.pmax(curve, f32x4.splat(second))
    }
    if (highest(high) + curvature * highest(curve) <= peak * slack) continue
    let top = f32x4.splat(0)
    for (let i = from; i < to; i += 4) {
      let middle = f32x4.splat(0)
      let sum = f32x4.splat(0)
      let difference = f32x4.splat(0)
      const left = line + (<usize>(i + 1) << 2)
      const right = left + 4 * (2 * REACH - 1)
      for (let tap = 0; tap < REACH; tap++) {
        const at = <usize>tap << 2
        const a = v128.load(left + at)
        const b = v128.load(right - at)
        const s = f32x4.add(a, b)
        middle = f32x4.add(middle, f32x4.mul(s, v128.load32_splat(taps + at)))
        if (isFine) {
          sum = f32x4.add(sum, f32x4.mul(s, v128.load32_splat(taps + 4 * REACH + at)))
          difference = f32x4.add(difference, f32x4.mul(f32x4.sub(a, b), v128.load32_splat(taps + 8 * REACH + at)))
        }
      }
      let found = f32x4.abs(middle)
      if (isFine) {
        found = f32x4.pmax(found, f32x4.abs(f32x4.add(sum, difference)))
        found = f32x4.pmax(found, f32x4.abs(f32x4.sub(sum, difference)))
      }
      if (to - i < 4) {
        if (to - i < 2) found = f32x4.replace_lane(found, 1, 0)
        if (to - i < 3) found = f32x4.replace_lane(found, 2, 0)
        found = f32x4.replace_lane(found, 3, 0)
      }
      top = f32x4.pmax(top, found)
    }
    peak = max(peak, highest(top))
  }
  return peak
}
