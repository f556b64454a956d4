import { Plugin } from "@mediaspool/core"
import { webVtt } from "./WebVtt.js"

export default Plugin.make({ name: "podcast-timeline", stages: [webVtt] })
