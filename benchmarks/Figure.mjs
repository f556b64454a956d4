/** One ratio against a peer that was measured in the same run, with its target. */
export const figure = ({ name, ratio, atMost, atLeast, detail = "" }) => {
  const met = (atMost === undefined || ratio <= atMost) && (atLeast === undefined || ratio >= atLeast)
  const target = atMost === undefined ? (atLeast === undefined ? "" : `≥ ${atLeast}`) : `≤ ${atMost}`
  console.log(
    `${met ? "met   " : "MISSED"} ${name}: ${ratio.toFixed(2)}× ${target === "" ? "" : `(target ${target}×)`} ${detail}`.trimEnd()
  )
  return met
}

export const median = (numbers) => {
  const sorted = [...numbers].sort((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
}
