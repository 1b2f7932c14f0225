import { Module } from '@nestjs/common'
import { Checkpoints } from './checkpoints.js'
import { GraphExecutor } from './graph-executor.js'
import { GraphRegistry } from './graph-registry.js'
import { ModuleImporter } from './module-importer.js'
import { ThreadStates } from './thread-states.js'
import { TsxImporter } from './tsx-importer.js'

/** Users' graphs: loaded, executed, and their state read. Needs `Settings` and `DatabasePool` from global modules. */
@Module({
  providers: [
    { provide: ModuleImporter, useClass: TsxImporter },
    GraphRegistry,
    Checkpoints,
    GraphExecutor,
    ThreadStates,
  ],
  exports: [GraphRegistry, Checkpoints, GraphExecutor, ThreadStates],
})
export class GraphsModule {}
