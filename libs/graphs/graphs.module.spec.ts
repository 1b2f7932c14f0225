import 'reflect-metadata'
import { Global, Module } from '@nestjs/common'
import { Test } from '@nestjs/testing'
import { Pool } from 'pg'
import { expect, it } from 'vitest'
import { Settings } from '#config'
import { DatabasePool } from '#database'
import { JsonLogger, KernelModule } from '#kernel'
import { Checkpoints } from './checkpoints.js'
import { graphSettings, row, say } from './executor.spec.support.js'
import { GraphExecutor } from './graph-executor.js'
import { GraphRegistry } from './graph-registry.js'
import { GraphsModule } from './graphs.module.js'
import { GraphStore } from './graph-store.js'
import { ModuleImporter } from './module-importer.js'
import { ThreadStates } from './thread-states.js'
import { TsxImporter } from './tsx-importer.js'
import { UserModules } from './user-modules.js'

@Global()
@Module({
  providers: [
    { provide: Settings, useValue: graphSettings({ agent: '/project/g.ts:graph' }) },
    { provide: DatabasePool, useValue: { pool: new Pool() } },
  ],
  exports: [Settings, DatabasePool],
})
class Surroundings {}

it('the module gives its doors, with an importer that can be replaced', async () => {
  const imports = [KernelModule.register({ logger: JsonLogger.create('silent') }), Surroundings, GraphsModule]
  const real = await Test.createTestingModule({ imports }).compile()
  expect(real.get(ModuleImporter, { strict: false })).toBeInstanceOf(TsxImporter)
  const replaced = await Test.createTestingModule({ imports })
    .overrideProvider(ModuleImporter)
    .useValue({ import: () => Promise.resolve({ graph: row({ a: say('A') }) }) })
    .compile()
  await replaced.get(GraphRegistry, { strict: false }).load()
  expect(replaced.get(GraphRegistry, { strict: false }).ids()).toEqual(['agent'])
  for (const door of [GraphExecutor, GraphStore, Checkpoints, ThreadStates, UserModules]) {
    expect(replaced.get(door, { strict: false })).toBeInstanceOf(door)
  }
})
