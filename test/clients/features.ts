/**
 * Parts of the API that are still being built. Each becomes `true` in the change that adds its routes: from then on its
 * rows in the tables read «done» and their tests run; while it is `false`, the tests make sure that the routes are not
 * there.
 */
export const BUILT = {
  runDeletion: true,
  batch: true,
  cancelMany: true,
  threadStream: true,
  metrics: true,
  openapi: false,
  docs: false,
} as const satisfies Record<string, boolean>

export type Feature = keyof typeof BUILT

/** Said of a row whose feature is not built. */
export const NOT_BUILT = 'not built yet'
