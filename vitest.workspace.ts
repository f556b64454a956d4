/** Where tests lie: each package, each example and the guide has its own vitest.config.ts. */
export default ["packages/*", "examples/*", "docs"]
