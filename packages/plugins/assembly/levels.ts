import { accumulate, highest, lowest, total } from "./lanes"

/**
 * Takes one channel out of interleaved samples, with 0 for what is no finite number, and adds it to the magnitudes and powers of the
 * frames. Writes the channel's sum of squares (f64), its highest and its lowest sample (f32) to `stats`.
 *
 * @param input of the channel's first sample
 * @param width channels
 * @param isFirst whether frames have no peaks and powers yet
 * @returns samples that were no finite numbers
 */
export function splitChannel(
  input: usize,
  count: i32,
  width: i32,
  plane: usize,
  peaks: usize,
  powers: usize,
  isFirst: bool,
  stats: usize
): i32 {
  const zero = f32x4.splat(0)
  const step = <usize>width << 2
  let squares = f64x2.splat(0)
  let top = f32x4.splat(-Infinity)
  let bottom = f32x4.splat(Infinity)
  let invalid = 0
  for (let i = 0; i < count; i += 4) {
    const from = input + <usize>i * step
    let value: v128
    if (width == 1) value = v128.load(from)
    else
      value = v128.load_lane<f32>(
        from + 3 * step,
        v128.load_lane<f32>(
          from + 2 * step,
          v128.load_lane<f32>(from + step, v128.load_lane<f32>(from, zero, 0), 1),
          2
        ),
        3
      )
    if (count - i < 4) {
      // What lies behind the end is no sample.
      if (count - i < 2) value = f32x4.replace_lane(value, 1, 0)
      if (count - i < 3) value = f32x4.replace_lane(value, 2, 0)
      value = f32x4.replace_lane(value, 3, 0)
    }
    // NaN and the infinities are the only numbers that don't cancel themselves.
    const valid = f32x4.eq(f32x4.sub(value, value), zero)
    if (!i32x4.all_true(valid)) {
      invalid += 4 - popcnt(i32x4.bitmask(valid))
      value = v128.and(value, valid)
    }
    const at = <usize>i << 2
    const square = f32x4.mul(value, value)
    const magnitude = f32x4.abs(value)
    v128.store(plane + at, value)
    v128.store(peaks + at, isFirst ? magnitude : f32x4.pmax(v128.load(peaks + at), magnitude))
    v128.store(powers + at, isFirst ? square : f32x4.add(v128.load(powers + at), square))
    squares = accumulate(squares, square)
    top = f32x4.pmax(top, value)
    bottom = f32x4.pmin(bottom, value)
  }
  store<f64>(stats, total(squares))
  store<f32>(stats + 8, highest(top))
  store<f32>(stats + 12, lowest(bottom))
  return invalid
}

/**
 * Sums the even and the odd channels up, each to an array; writes the sums of squares of all channels' sum and of their difference
 * (f64) to `sums`.
 *
 * @param stride bytes from one channel to the next
 */
export function fold(planes: usize, stride: usize, width: i32, count: i32, even: usize, odd: usize, sums: usize): void {
  let summed = f64x2.splat(0)
  let flipped = f64x2.splat(0)
  for (let at: usize = 0; at < <usize>count << 2; at += 16) {
    let a = f32x4.splat(0)
    let b = f32x4.splat(0)
    for (let n = 0; n < width; n++) {
      const value = v128.load(planes + <usize>n * stride + at)
      if ((n & 1) == 0) a = f32x4.add(a, value)
      else b = f32x4.add(b, value)
    }
    v128.store(even + at, a)
    v128.store(odd + at, b)
    const sum = f32x4.add(a, b)
    const difference = f32x4.sub(a, b)
    summed = accumulate(summed, f32x4.mul(sum, sum))
    flipped = accumulate(flipped, f32x4.mul(difference, difference))
  }
  store<f64>(sums, total(summed))
  store<f64>(sums + 8, total(flipped))
}

/**
 * Condenses magnitudes and powers into stretches of equal length: the highest magnitude and the mean power of each (f64), written to
 * `highs` and `means` until `room` of them are full. What is open is kept in `state`, three f64: its samples, its highest, its sum.
 *
 * @param scale of the powers
 * @returns stretches that became full; the samples that were taken (f64) stand behind the state
 */
export function condense(
  peaks: usize,
  powers: usize,
  from: i32,
  count: i32,
  scale: f64,
  stretch: i32,
  highs: usize,
  means: usize,
  room: i32,
  state: usize
): i32 {
  let filled = <i32>load<f64>(state)
  let high = load<f64>(state + 8)
  let sum = load<f64>(state + 16)
  let closed = 0
  let i = from
  while (i < count && closed < room) {
    const end = min(count, i + stretch - filled)
    filled += end - i
    for (; i < end; i++) {
      high = max(high, <f64>load<f32>(peaks + (<usize>i << 2)))
      sum += <f64>load<f32>(powers + (<usize>i << 2)) * scale
    }
    if (filled < stretch) break
    store<f64>(highs + (<usize>closed << 3), high)
    store<f64>(means + (<usize>closed << 3), sum / <f64>stretch)
    closed++
    filled = 0
    high = 0
    sum = 0
  }
  store<f64>(state, <f64>filled)
  store<f64>(state + 8, high)
  store<f64>(state + 16, sum)
  store<f64>(state + 24, <f64>(i - from))
  return closed
}
