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
