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
export { GraphDrawing } from './graph-drawing.js'
export { GraphExecutor } from './graph-executor.js'
export { GraphLoadFaults } from './graph-load-faults.js'
export { GraphRegistry } from './graph-registry.js'
export type { GraphRef } from './graph-ref.js'
export { GraphSchemas, type SubgraphQuery } from './graph-schemas.js'
export { GraphStore } from './graph-store.js'
export { graphInvalid, graphNotFound, updateRefused } from './graphs.errors.js'
export { GraphsModule } from './graphs.module.js'
export { ModuleImporter } from './module-importer.js'
export { isIdentityKey, isPrivateKey, isSecretHeader, shownConfig, withoutPrivateKeys } from './private-keys.js'
export type { GotoTarget, RunCommand } from './run-command.js'
export type {
  FoundItem,
  ItemPut,
  ItemRef,
  ItemSearch,
  NamespaceSearch,
  RefreshTtl,
  StoreBackend,
  StoreItem,
} from './store-backend.js'
export type { GraphSchemaSet } from './graph-schema-set.js'
export { STREAM_MODES, type StreamMode } from './stream-mode.js'
export { EMPTY_THREAD_STATE, type ThreadState, type ThreadTask } from './thread-state.js'
export type { StagedCheckpoints } from './staged-checkpoints.js'
export type { CheckpointRef, ThreadRef } from './state-address.js'
export { type HistoryOptions, type ReadStateOptions, ThreadStates } from './thread-states.js'
export {
  type PreparedUpdate,
  type StateUpdate,
  type Superstep,
  ThreadUpdates,
  type UpdatableThread,
} from './thread-updates.js'
export { TsxImporter } from './tsx-importer.js'
export { UserModules } from './user-modules.js'
