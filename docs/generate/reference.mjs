import { api } from "./api.mjs"
import { cli } from "./cli.mjs"
import { config } from "./config.mjs"
import { errors } from "./errors.mjs"
import { kinds } from "./kinds.mjs"
import { models } from "./models.mjs"
import { services } from "./services.mjs"
import { stages } from "./stages.mjs"

/** The pages of docs/reference by their files: what stands there is what the code says, or CI fails. */
export const pages = async () => ({
  "api.md": api(),
  "cli.md": await cli(),
  "config.md": await config(),
  "errors.md": await errors(),
  "kinds.md": await kinds(),
  "models.md": models(),
  "services.md": services(),
  "stages.md": await stages()
})
