import { Plugin } from "@mediaspool/core"
import { mediaPlugin } from "@mediaspool/plugins"
import { notes } from "./ports.js"
import { weigh } from "./Stage.js"

export default Plugin.make({
  name: "scales",
  stages: [weigh, notes],
  // Their services are there for these stages.
  needs: [mediaPlugin],
  permissions: { programs: ["exiftool"], hosts: ["api.example.com"] }
})
