// Loaded before a process under test: its clock, and its threads', is off by what CHECK_CLOCK says, from so many milliseconds on.
const list = JSON.parse(process.env.CHECK_CLOCK ?? "[]")
const real = Date.now.bind(Date)
const Real = Date
const began = real() - process.uptime() * 1_000
const off = () => list.findLast(([after]) => real() - began >= after)?.[1] ?? 0

globalThis.Date = class extends Real {
  constructor(...parts) {
    super(...(parts.length === 0 ? [real() + off()] : parts))
  }
  static now() {
    return real() + off()
  }
}
