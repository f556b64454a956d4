import { Plugin } from "@mediaspool/core"
import { mediaPlugin } from "@mediaspool/plugins"
import { myStage } from "./MyStage.js"

export { MyStage, MyStageError, myStage } from "./MyStage.js"

export default Plugin.make({
  name: "my-package",
  stages: [myStage],
  // The plugin that brings MediaEngine.
  needs: [mediaPlugin],
  // What it touches outside of the process: nothing.
  permissions: {}
})
