import type { SharedModules } from "@mediaspool/core"

/** The running copies of what plugins import by name. In the bundle they are parts of it. */
export const sharedModules: SharedModules = async () => ({
  "@mediaspool/core": await import("@mediaspool/core"),
  "@mediaspool/plugins": await import("@mediaspool/plugins"),
  "@effect/platform": await import("@effect/platform"),
  effect: await import("effect")
})
