import { accumulate, total } from "./lanes"

/** What is added to each power, so that it has a logarithm. */
const LEAST: f64 = 1e-14
const FRACTION: u64 = 0x000f_ffff_ffff_ffff
const ONE: u64 = 0x3ff0_0000_0000_0000

/**
 * Sums each band's powers, and takes their logarithm to the base of 2: of their product, whose exponent is counted apart before a double
 * can't hold it.
 *
 * @param edges places of the first power of each band, and of the end (i32)
 * @param out for each band the sum, and of the logarithm the fraction from 1 to 2 and the exponent (f64)
 */
export function bands(powers: usize, edges: usize, count: i32, out: usize): void {
  const least = f64x2.splat(LEAST)
  for (let band = 0; band < count; band++) {
    const from = load<i32>(edges + (<usize>band << 2))
    const to = load<i32>(edges + (<usize>band << 2) + 4)
    let sums = f64x2.splat(0)
    let products = f64x2.splat(1)
    let exponent: i64 = 0
    let bin = from
    for (; bin + 4 <= to; bin += 4) {
      const four = v128.load(powers + (<usize>bin << 2))
      const high = i8x16.shuffle(four, four, 8, 9, 10, 11, 12, 13, 14, 15, 8, 9, 10, 11, 12, 13, 14, 15)
      const a = f64x2.add(f64x2.promote_low_f32x4(four), least)
      const b = f64x2.add(f64x2.promote_low_f32x4(high), least)
      sums = f64x2.add(sums, f64x2.add(a, b))
      products = f64x2.mul(products, f64x2.mul(a, b))
      const bits = products
      exponent += <i64>((i64x2.extract_lane(bits, 0) >>> 52) & 0x7ff) - 1023
      exponent += <i64>((i64x2.extract_lane(bits, 1) >>> 52) & 0x7ff) - 1023
      products = v128.or(v128.and(bits, i64x2.splat(FRACTION)), i64x2.splat(ONE))
    }
    let sum = total(sums)
    let product = f64x2.extract_lane(products, 0) * f64x2.extract_lane(products, 1)
    for (; bin < to; bin++) {
      const power = <f64>load<f32>(powers + (<usize>bin << 2)) + LEAST
      sum += power
      product *= power
      const bits = reinterpret<u64>(product)
      exponent += <i64>((bits >> 52) & 0x7ff) - 1023
      product = reinterpret<f64>((bits & FRACTION) | ONE)
    }
    const at = out + <usize>band * 24
    store<f64>(at, sum)
    store<f64>(at + 8, product)
    store<f64>(at + 16, <f64>exponent)
  }
}

/** The sum of the squares of samples. */
export function squares(samples: usize, count: i32): f64 {
  let sums = f64x2.splat(0)
  let i = 0
  for (; i + 4 <= count; i += 4) {
    const four = v128.load(samples + (<usize>i << 2))
    sums = accumulate(sums, f32x4.mul(four, four))
  }
  let sum = total(sums)
  for (; i < count; i++) {
    const sample = <f64>load<f32>(samples + (<usize>i << 2))
    sum += sample * sample
  }
  return sum
}
