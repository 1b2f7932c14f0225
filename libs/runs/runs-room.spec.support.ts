import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest'
import { openTestDatabase, type TestDatabase } from '#testing'
import { type RunsChange, RunsUnderTest } from './runs-app.spec.support.js'

/** Where a webhook of these specs goes: nobody listens there. */
export const WEBHOOK = 'http://127.0.0.1:8099/hook'

/** One database for the specs of a file, and for each of them the room anew over empty tables. */
export class RunsRoom {
  #db: TestDatabase | null = null
  #runs: RunsUnderTest | null = null

  /** Registers the hooks of the file; `runs` is what it wants different of the settings of runs. */
  static use(runs: RunsChange['runs'] = {}, isOneOfSeveral = false): RunsRoom {
    const room = new RunsRoom()
    beforeAll(async () => void (room.#db = await openTestDatabase()))
    afterAll(() => room.db.close())
    beforeEach(async () => {
      await room.db.database.query('TRUNCATE threads, webhook_deliveries CASCADE')
      room.#runs = await RunsUnderTest.open(room.db, { runs, isOneOfSeveral })
    })
    afterEach(() => room.runs.close())
    return room
  }

  get db(): TestDatabase {
    return opened(this.#db)
  }

  get runs(): RunsUnderTest {
    return opened(this.#runs)
  }
}

function opened<Part>(part: Part | null): Part {
  if (part === null) throw new Error('only inside a test')
  return part
}
