import 'reflect-metadata'
import {
  type CheckpointSaverTestInitializer,
  deltaChannelHistoryTests,
  validate,
} from '@langchain/langgraph-checkpoint-validation'
import type { BaseCheckpointSaver } from '@langchain/langgraph'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { Checkpoints } from '#graphs'
import { openTestDatabase } from '#testing'

/* LangGraph's rules for savers, held against the saver that graphs get. They are written for a runner with globals. */
Object.assign(globalThis, { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it })

const db = await openTestDatabase()
const checkpoints = new Checkpoints({ pool: db.pool })
await checkpoints.setup()
afterAll(() => db.close())

const initializer: CheckpointSaverTestInitializer<BaseCheckpointSaver> = {
  checkpointerName: 'the saver of this server',
  createCheckpointer: () => checkpoints.saver,
  async destroyCheckpointer() {
    await db.pool.query('TRUNCATE langgraph.checkpoints, langgraph.checkpoint_blobs, langgraph.checkpoint_writes')
  },
}
validate(initializer)
deltaChannelHistoryTests(initializer)
