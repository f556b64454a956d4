/** Child processes of this one that Node still watches over. */
export const children = (): number => process.getActiveResourcesInfo().filter((kind) => kind === "ProcessWrap").length
