import { Column } from 'typeorm'
import type { JsonObject } from '#kernel'

/** What an assistant and each of its versions say (contract 2.1). */
export abstract class AssistantContent {
  @Column('text', { name: 'graph_id' })
  graphId: string

  @Column('text')
  name: string

  @Column('text', { nullable: true })
  description: string | null

  /** Defaults of its runs: `tags`, `recursion_limit`, `configurable`, … */
  @Column('jsonb')
  config: JsonObject

  /** Default static context of its runs. */
  @Column('jsonb')
  context: JsonObject

  @Column('jsonb')
  metadata: JsonObject
}
