export { matchesHeader } from './configurable-headers.js'
export { RunWorker } from './run-worker.js'
export { RunsModule } from './runs.module.js'
