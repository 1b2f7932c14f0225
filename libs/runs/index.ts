export { RunWorker } from './run-worker.js'
export { RunsModule } from './runs.module.js'
