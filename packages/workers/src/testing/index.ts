export * as RedisServer from "./RedisServer.js"
