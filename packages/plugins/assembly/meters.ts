/**
 * The inner loops of the meters, in AssemblyScript with SIMD: no state, no allocation, only pointers into the memory that
 * `src/meters/MeterMemory.ts` lays out. `npm run kernels` compiles it to `src/meters/meters.wasm.ts`.
 *
 * Samples are 32-bit floats. Loops run in fours: what lies up to three samples behind the end of an array is read, and overwritten where
 * the array is written.
 */

@inline
function highest(values: v128): f32 {
  return max(
    max(f32x4.extract_lane(values, 0), f32x4.extract_lane(values, 1)),
    max(f32x4.extract_lane(values, 2), f32x4.extract_lane(values, 3))
  )
}

@inline
function lowest(values: v128): f32 {
  return min(
    min(f32x4.extract_lane(values, 0), f32x4.extract_lane(values, 1)),
    min(f32x4.extract_lane(values, 2), f32x4.extract_lane(values, 3))
  )
}

/** Adds four floats to two doubles. */
@inline
function accumulate(sums: v128, values: v128): v128 {
  const high = i8x16.shuffle(values, values, 8, 9, 10, 11, 12, 13, 14, 15, 8, 9, 10, 11, 12, 13, 14, 15)
  return f64x2.add(sums, f64x2.add(f64x2.promote_low_f32x4(values), f64x2.promote_low_f32x4(high)))
}

@inline
function total(sums: v128): f64 {
  return f64x2.extract_lane(sums, 0) + f64x2.extract_lane(sums, 1)
}

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

/** `out = a × scaleA + b × scaleB` */
export function mix(a: usize, scaleA: f32, b: usize, scaleB: f32, count: i32, out: usize): void {
  const x = f32x4.splat(scaleA)
  const y = f32x4.splat(scaleB)
  for (let at: usize = 0; at < <usize>count << 2; at += 16)
    v128.store(out + at, f32x4.add(f32x4.mul(v128.load(a + at), x), f32x4.mul(v128.load(b + at), y)))
}

/**
 * Filters, and keeps every `step`-th value.
 *
 * @param taps as many as `length`, a multiple of four
 */
export function decimate(line: usize, outputs: i32, step: i32, taps: usize, length: i32, out: usize): void {
  for (let n = 0; n < outputs; n++) {
    const from = line + (<usize>(n * step) << 2)
    let sums = f32x4.splat(0)
    for (let at: usize = 0; at < <usize>length << 2; at += 16)
      sums = f32x4.add(sums, f32x4.mul(v128.load(from + at), v128.load(taps + at)))
    store<f32>(
      out + (<usize>n << 2),
      f32x4.extract_lane(sums, 0) + f32x4.extract_lane(sums, 1) + f32x4.extract_lane(sums, 2) + f32x4.extract_lane(sums, 3)
    )
  }
}

/**
 * Runs two second-order filters over two channels at once, and adds up the squares of what comes out.
 *
 * @param filters `b0 b1 b2 a1 a2` of the first, `a1 a2` of the second, whose `b` are 1, -2, 1 (f64)
 * @param state two values each of four (f64), and then the two sums
 */
export function weigh(first: usize, second: usize, from: i32, to: i32, filters: usize, state: usize): void {
  const b0 = v128.load64_splat(filters)
  const b1 = v128.load64_splat(filters + 8)
  const b2 = v128.load64_splat(filters + 16)
  const a1 = v128.load64_splat(filters + 24)
  const a2 = v128.load64_splat(filters + 32)
  const c1 = v128.load64_splat(filters + 40)
  const c2 = v128.load64_splat(filters + 48)
  const two = f64x2.splat(2)
  let s1 = v128.load(state)
  let s2 = v128.load(state + 16)
  let t1 = v128.load(state + 32)
  let t2 = v128.load(state + 48)
  let sum = v128.load(state + 64)
  for (let i = from; i < to; i++) {
    const at = <usize>i << 2
    const x = f64x2.promote_low_f32x4(v128.load_lane<f32>(second + at, v128.load32_zero(first + at), 1))
    const y = f64x2.add(f64x2.mul(b0, x), s1)
    s1 = f64x2.add(f64x2.sub(f64x2.mul(b1, x), f64x2.mul(a1, y)), s2)
    s2 = f64x2.sub(f64x2.mul(b2, x), f64x2.mul(a2, y))
    const z = f64x2.add(y, t1)
    t1 = f64x2.sub(f64x2.sub(t2, f64x2.mul(two, y)), f64x2.mul(c1, z))
    t2 = f64x2.sub(y, f64x2.mul(c2, z))
    sum = f64x2.add(sum, f64x2.mul(z, z))
  }
  // Numbers this small slow a processor down and are heard by nobody.
  const least = f64x2.splat(1e-30)
  v128.store(state, v128.and(s1, f64x2.ge(f64x2.abs(s1), least)))
  v128.store(state + 16, v128.and(s2, f64x2.ge(f64x2.abs(s2), least)))
  v128.store(state + 32, v128.and(t1, f64x2.ge(f64x2.abs(t1), least)))
  v128.store(state + 48, v128.and(t2, f64x2.ge(f64x2.abs(t2), least)))
  v128.store(state + 64, sum)
}

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

/** One pass of four-point butterflies of a Fourier transform that sorts itself (Stockham), over `size` complex numbers. */
function quarter(size: i32, stride: i32, re: usize, im: usize, toRe: usize, toIm: usize, cos: usize, sin: usize, turns: i32): void {
  const quarterSize = size >> 2
  const reach = <usize>(quarterSize * stride) << 2
  const apart = <usize>stride << 2
  for (let p = 0; p < quarterSize; p++) {
    const angle = <usize>(p * turns) << 2
    const c1 = v128.load32_splat(cos + angle)
    const s1 = v128.load32_splat(sin + angle)
    const c2 = v128.load32_splat(cos + 2 * angle)
    const s2 = v128.load32_splat(sin + 2 * angle)
    const c3 = v128.load32_splat(cos + 3 * angle)
    const s3 = v128.load32_splat(sin + 3 * angle)
    const from = <usize>(p * stride) << 2
    const to = from << 2
    for (let q: usize = 0; q < apart; q += 16) {
      const a = from + q
      const ar = v128.load(re + a)
      const ai = v128.load(im + a)
      const br = v128.load(re + a + reach)
      const bi = v128.load(im + a + reach)
      const cr = v128.load(re + a + 2 * reach)
      const ci = v128.load(im + a + 2 * reach)
      const dr = v128.load(re + a + 3 * reach)
      const di = v128.load(im + a + 3 * reach)
      const acr = f32x4.add(ar, cr)
      const aci = f32x4.add(ai, ci)
      const bdr = f32x4.add(br, dr)
      const bdi = f32x4.add(bi, di)
      const amcr = f32x4.sub(ar, cr)
      const amci = f32x4.sub(ai, ci)
      const bmdr = f32x4.sub(br, dr)
      const bmdi = f32x4.sub(bi, di)
      const b = to + q
      v128.store(toRe + b, f32x4.add(acr, bdr))
      v128.store(toIm + b, f32x4.add(aci, bdi))
      turned(toRe + b + apart, toIm + b + apart, f32x4.add(amcr, bmdi), f32x4.sub(amci, bmdr), c1, s1)
      turned(toRe + b + 2 * apart, toIm + b + 2 * apart, f32x4.sub(acr, bdr), f32x4.sub(aci, bdi), c2, s2)
      turned(toRe + b + 3 * apart, toIm + b + 3 * apart, f32x4.sub(amcr, bmdi), f32x4.add(amci, bmdr), c3, s3)
    }
  }
}

/** Stores a complex number, turned. */
@inline
function turned(toRe: usize, toIm: usize, re: v128, im: v128, cos: v128, sin: v128): void {
  v128.store(toRe, f32x4.sub(f32x4.mul(re, cos), f32x4.mul(im, sin)))
  v128.store(toIm, f32x4.add(f32x4.mul(re, sin), f32x4.mul(im, cos)))
}

/** Four vectors of which each gives one number to each of four places: `a0 b0 c0 d0 a1 …` */
@inline
function woven(to: usize, a: v128, b: v128, c: v128, d: v128): void {
  const ab = v128.shuffle<f32>(a, b, 0, 4, 1, 5)
  const ab2 = v128.shuffle<f32>(a, b, 2, 6, 3, 7)
  const cd = v128.shuffle<f32>(c, d, 0, 4, 1, 5)
  const cd2 = v128.shuffle<f32>(c, d, 2, 6, 3, 7)
  v128.store(to, v128.shuffle<f32>(ab, cd, 0, 1, 4, 5))
  v128.store(to + 16, v128.shuffle<f32>(ab, cd, 2, 3, 6, 7))
  v128.store(to + 32, v128.shuffle<f32>(ab2, cd2, 0, 1, 4, 5))
  v128.store(to + 48, v128.shuffle<f32>(ab2, cd2, 2, 3, 6, 7))
}

@inline
function turnedRe(re: v128, im: v128, cos: v128, sin: v128): v128 {
  return f32x4.sub(f32x4.mul(re, cos), f32x4.mul(im, sin))
}

@inline
function turnedIm(re: v128, im: v128, cos: v128, sin: v128): v128 {
  return f32x4.add(f32x4.mul(re, sin), f32x4.mul(im, cos))
}

/** The first pass: windows the samples, takes even ones as real and odd ones as imaginary parts, and works on four numbers side by side. */
function firstQuarter(samples: usize, window: usize, size: i32, toRe: usize, toIm: usize, cos: usize, sin: usize): void {
  const reach = <usize>(size >> 2) << 3
  for (let p = 0; p < size >> 2; p += 4) {
    const at = <usize>p << 3
    let lower = f32x4.mul(v128.load(samples + at), v128.load(window + at))
    let upper = f32x4.mul(v128.load(samples + at + 16), v128.load(window + at + 16))
    const ar = v128.shuffle<f32>(lower, upper, 0, 2, 4, 6)
    const ai = v128.shuffle<f32>(lower, upper, 1, 3, 5, 7)
    lower = f32x4.mul(v128.load(samples + at + reach), v128.load(window + at + reach))
    upper = f32x4.mul(v128.load(samples + at + reach + 16), v128.load(window + at + reach + 16))
    const br = v128.shuffle<f32>(lower, upper, 0, 2, 4, 6)
    const bi = v128.shuffle<f32>(lower, upper, 1, 3, 5, 7)
    lower = f32x4.mul(v128.load(samples + at + 2 * reach), v128.load(window + at + 2 * reach))
    upper = f32x4.mul(v128.load(samples + at + 2 * reach + 16), v128.load(window + at + 2 * reach + 16))
    const cr = v128.shuffle<f32>(lower, upper, 0, 2, 4, 6)
    const ci = v128.shuffle<f32>(lower, upper, 1, 3, 5, 7)
    lower = f32x4.mul(v128.load(samples + at + 3 * reach), v128.load(window + at + 3 * reach))
    upper = f32x4.mul(v128.load(samples + at + 3 * reach + 16), v128.load(window + at + 3 * reach + 16))
    const dr = v128.shuffle<f32>(lower, upper, 0, 2, 4, 6)
    const di = v128.shuffle<f32>(lower, upper, 1, 3, 5, 7)
    const acr = f32x4.add(ar, cr)
    const aci = f32x4.add(ai, ci)
    const bdr = f32x4.add(br, dr)
    const bdi = f32x4.add(bi, di)
    const amcr = f32x4.sub(ar, cr)
    const amci = f32x4.sub(ai, ci)
    const bmdr = f32x4.sub(br, dr)
    const bmdi = f32x4.sub(bi, di)
    const c1 = v128.load(cos + 4 * <usize>p)
    const s1 = v128.load(sin + 4 * <usize>p)
    const c2 = f32x4.sub(f32x4.mul(c1, c1), f32x4.mul(s1, s1))
    const s2 = f32x4.mul(f32x4.splat(2), f32x4.mul(c1, s1))
    const c3 = turnedRe(c1, s1, c2, s2)
    const s3 = turnedIm(c1, s1, c2, s2)
    const xr = f32x4.add(amcr, bmdi)
    const xi = f32x4.sub(amci, bmdr)
    const yr = f32x4.sub(acr, bdr)
    const yi = f32x4.sub(aci, bdi)
    const zr = f32x4.sub(amcr, bmdi)
    const zi = f32x4.add(amci, bmdr)
    const to = <usize>p << 4
    woven(
      toRe + to,
      f32x4.add(acr, bdr),
      turnedRe(xr, xi, c1, s1),
      turnedRe(yr, yi, c2, s2),
      turnedRe(zr, zi, c3, s3)
    )
    woven(
      toIm + to,
      f32x4.add(aci, bdi),
      turnedIm(xr, xi, c1, s1),
      turnedIm(yr, yi, c2, s2),
      turnedIm(zr, zi, c3, s3)
    )
  }
}

/** The last pass where the size is no power of four. */
function half(stride: i32, re: usize, im: usize, toRe: usize, toIm: usize): void {
  const reach = <usize>stride << 2
  for (let at: usize = 0; at < reach; at += 16) {
    const ar = v128.load(re + at)
    const ai = v128.load(im + at)
    const br = v128.load(re + at + reach)
    const bi = v128.load(im + at + reach)
    v128.store(toRe + at, f32x4.add(ar, br))
    v128.store(toIm + at, f32x4.add(ai, bi))
    v128.store(toRe + at + reach, f32x4.sub(ar, br))
    v128.store(toIm + at + reach, f32x4.sub(ai, bi))
  }
}

/** The first number, and the last three from the end on. */
@inline
function gathered(from: usize, bytes: usize): v128 {
  let values = v128.load32_splat(from)
  values = f32x4.replace_lane(values, 1, load<f32>(from + bytes - 4))
  values = f32x4.replace_lane(values, 2, load<f32>(from + bytes - 8))
  return f32x4.replace_lane(values, 3, load<f32>(from + bytes - 12))
}

/**
 * Powers of the spectrum of `size` real samples, from 0 Hz upwards, `size / 2` of them: a Fourier transform of half the size with the
 * even samples as real and the odd ones as imaginary parts, taken apart at the end.
 *
 * @param size a power of two from 64
 * @param window a weight for each sample
 * @param cos of `size / 2` angles, a full turn of `size / 2`; then as many sines, negative
 * @param ends the same for half a turn: `size / 2` cosines, and sines, of a turn of `size`
 * @param work room for `2 × size` numbers
 * @param scale of the powers
 * @param isAdded whether they are added to what stands in `out`
 */
export function powers(
  samples: usize,
  size: i32,
  window: usize,
  cos: usize,
  ends: usize,
  work: usize,
  scale: f32,
  isAdded: bool,
  out: usize
): void {
  const numbers = size >> 1
  const bytes = <usize>numbers << 2
  const sin = cos + bytes
  let re = work
  let im = work + bytes
  let toRe = work + 2 * bytes
  let toIm = work + 3 * bytes
  firstQuarter(samples, window, numbers, re, im, cos, sin)
  let stride = 4
  let left = numbers >> 2
  let turns = 4
  while (left > 1) {
    if (left == 2) {
      half(stride, re, im, toRe, toIm)
      left = 1
    } else {
      quarter(left, stride, re, im, toRe, toIm, cos, sin, turns)
      left >>= 2
      stride <<= 2
      turns <<= 2
    }
    const r = re
    const i = im
    re = toRe
    im = toIm
    toRe = r
    toIm = i
  }
  const quartered = f32x4.splat(scale * 0.25)
  const endSin = ends + bytes
  for (let k = 0; k < numbers; k += 4) {
    const at = <usize>k << 2
    const ar = v128.load(re + at)
    const ai = v128.load(im + at)
    let br: v128
    let bi: v128
    if (k == 0) {
      br = gathered(re, bytes)
      bi = gathered(im, bytes)
    } else {
      const mirrored = bytes - at - 12
      br = v128.load(re + mirrored)
      bi = v128.load(im + mirrored)
      br = v128.shuffle<f32>(br, br, 3, 2, 1, 0)
      bi = v128.shuffle<f32>(bi, bi, 3, 2, 1, 0)
    }
    const evenRe = f32x4.add(ar, br)
    const evenIm = f32x4.sub(ai, bi)
    const oddRe = f32x4.add(ai, bi)
    const oddIm = f32x4.sub(br, ar)
    const c = v128.load(ends + at)
    const s = v128.load(endSin + at)
    const x = f32x4.add(evenRe, turnedRe(oddRe, oddIm, c, s))
    const y = f32x4.add(evenIm, turnedIm(oddRe, oddIm, c, s))
    const power = f32x4.mul(quartered, f32x4.add(f32x4.mul(x, x), f32x4.mul(y, y)))
    v128.store(out + at, isAdded ? f32x4.add(v128.load(out + at), power) : power)
  }
}
