/** A node's name: lower-case letters, digits and `-`, a letter first. Stages, pipelines and plugins' sections follow it too. */
export const NAME = /^[a-z][a-z0-9-]*$/

/** What a wrong name is told. */
export const namedWrongly = (what: string, name: string): string =>
  `${what} '${name}' must be lower-case letters, digits and '-', with a letter first`
