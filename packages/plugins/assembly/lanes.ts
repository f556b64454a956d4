/** What the lanes of a vector come to together. */

@inline
export function highest(values: v128): f32 {
  return max(
    max(f32x4.extract_lane(values, 0), f32x4.extract_lane(values, 1)),
    max(f32x4.extract_lane(values, 2), f32x4.extract_lane(values, 3))
  )
}

@inline
export function lowest(values: v128): f32 {
  return min(
    min(f32x4.extract_lane(values, 0), f32x4.extract_lane(values, 1)),
    min(f32x4.extract_lane(values, 2), f32x4.extract_lane(values, 3))
  )
}

/** Adds four floats to two doubles. */
@inline
export function accumulate(sums: v128, values: v128): v128 {
  const high = i8x16.shuffle(values, values, 8, 9, 10, 11, 12, 13, 14, 15, 8, 9, 10, 11, 12, 13, 14, 15)
  return f64x2.add(sums, f64x2.add(f64x2.promote_low_f32x4(values), f64x2.promote_low_f32x4(high)))
}

@inline
export function total(sums: v128): f64 {
  return f64x2.extract_lane(sums, 0) + f64x2.extract_lane(sums, 1)
}
