declare module "virtual:routes" {
  /** Method and path by `group.endpoint`. */
  export const routes: Readonly<Record<string, readonly [method: string, path: string]>>
}
