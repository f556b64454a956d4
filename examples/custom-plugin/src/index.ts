import { Plugin } from "@mediaspool/core"
import { mediaPlugin } from "@mediaspool/plugins"
import { sceneCuts } from "./SceneCuts.js"

export { SceneCutsError, Scenes, sceneCuts } from "./SceneCuts.js"

export default Plugin.make({ name: "mediaspool-plugin-scene-cuts", stages: [sceneCuts], needs: [mediaPlugin] })
