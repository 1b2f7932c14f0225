export { graphLibraryVersion } from './graph-library-version.js'
export { HealthModule } from './health.module.js'
export { Readiness } from './readiness.js'
export type { ServerInfo } from './server-info.js'
