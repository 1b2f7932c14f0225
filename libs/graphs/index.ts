export { setUpCheckpoints } from './checkpoint-setup.js'
export { Checkpoints } from './checkpoints.js'
export type { WireCheckpoint } from './checkpoint-form.js'
export type { CompiledGraph } from './compiled-graph.js'
export type {
  Breakpoints,
  ExecuteHooks,
  ExecuteOutcome,
  ExecuteRequest,
  SettledState,
  StreamPart,
} from './execute-request.js'
export { GraphExecutor } from './graph-executor.js'
export { GraphLoadFaults } from './graph-load-faults.js'
export { GraphRegistry } from './graph-registry.js'
export { graphInvalid, graphNotFound } from './graphs.errors.js'
export { GraphsModule } from './graphs.module.js'
export { ModuleImporter } from './module-importer.js'
export { hasSecretWord, isPrivateKey, withoutPrivateKeys } from './private-keys.js'
export type { GotoTarget, RunCommand } from './run-command.js'
export { STREAM_MODES, type StreamMode } from './stream-mode.js'
export { EMPTY_THREAD_STATE, type ThreadState, type ThreadTask } from './thread-state.js'
export { type ReadStateOptions, type ThreadRef, ThreadStates } from './thread-states.js'
export { TsxImporter } from './tsx-importer.js'
