/** The state folder of a config that is a program. */
export const stateFolder = (config: string): Promise<string> => Promise.resolve(config)
