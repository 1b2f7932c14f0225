import { Module } from '@nestjs/common'
import { Checkpoints } from './checkpoints.js'
import { GraphDrawing } from './graph-drawing.js'
import { GraphExecutor } from './graph-executor.js'
import { GraphRegistry } from './graph-registry.js'
import { GraphSchemas } from './graph-schemas.js'
import { GraphStore } from './graph-store.js'
import { ModuleImporter } from './module-importer.js'
import { StaticSchemas } from './static-schemas.js'
import { ThreadStates } from './thread-states.js'
import { ThreadUpdates } from './thread-updates.js'
import { TsxImporter } from './tsx-importer.js'
import { UserModules } from './user-modules.js'

/** Users' graphs: loaded, executed, and their state read. Needs `Settings` and `DatabasePool` from global modules. */
@Module({
  providers: [
    { provide: ModuleImporter, useClass: TsxImporter },
    GraphRegistry,
    Checkpoints,
    GraphStore,
    GraphDrawing,
    GraphExecutor,
    GraphSchemas,
    StaticSchemas,
    ThreadStates,
    ThreadUpdates,
    UserModules,
  ],
  exports: [
    GraphRegistry,
    Checkpoints,
    GraphStore,
    GraphDrawing,
    GraphExecutor,
    GraphSchemas,
    ThreadStates,
    ThreadUpdates,
    UserModules,
  ],
})
export class GraphsModule {}
