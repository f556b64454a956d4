import { Plugin } from "@mediaspool/core"
import { mediaPlugin } from "./MediaPlugin.js"
import * as Models from "./models/Models.js"
import { Providers } from "./models/catalog/Provider.js"
import { Vocabularies } from "./models/vocabularies/Vocabulary.js"
import { caption } from "./stages/Caption.js"
import { embed } from "./stages/Embed.js"
import { omniAsk } from "./stages/OmniAsk.js"
import { omniTags } from "./stages/OmniTags.js"
import { postProcess } from "./stages/PostProcess.js"
import { videoCaption } from "./stages/VideoCaption.js"
import { textTags } from "./stages/TextTags.js"

/** The stages that ask a model, with the providers that the config names. */
export const modelPlugin = Plugin.make({
  name: "model",
  stages: [caption, videoCaption, omniTags, omniAsk, textTags, postProcess, embed],
  layer: Models.layer,
  needs: [mediaPlugin],
  permissions: { hosts: ["*"], secrets: ["*"] },
  sections: [
    { name: "providers", schema: Providers },
    { name: "vocabularies", schema: Vocabularies }
  ]
})
