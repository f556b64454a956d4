import { Plugin } from "@mediaspool/core"
import { media } from "@mediaspool/plugins"
import { myStage } from "./MyStage.js"

export { MyStage, MyStageError, myStage } from "./MyStage.js"

export default Plugin.make({
  name: "my-package",
  stages: [myStage],
  // The plugin that brings MediaEngine.
  needs: [media],
  // What it touches outside of the process: nothing.
  permissions: {}
})
