import type { MigrationInterface, QueryRunner } from 'typeorm'

/** Which assistants the server itself has made: a client may have taken the id of a graph that is deployed later. */
export class SystemAssistants1764000018000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const statement of [COLUMN, KNOWN]) await runner.query(statement)
  }

  /** Migrations go forward only (an older program must not run on a newer schema). */
  down(): Promise<void> {
    return Promise.reject(new Error('migrations go forward only'))
  }
}

const COLUMN = 'ALTER TABLE assistants ADD COLUMN made_by_system boolean NOT NULL DEFAULT false'

const KNOWN = `UPDATE assistants SET made_by_system = true WHERE metadata ->> 'created_by' = 'system'`
