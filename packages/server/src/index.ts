export { Api } from "./Api.js"
export { PageError } from "./api/Problem.js"
export { type Options as ServeOptions, serve, ServeError, type Serving } from "./Server.js"
export { Site } from "./Site.js"
