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
