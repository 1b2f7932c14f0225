import { Column, Entity, PrimaryColumn } from 'typeorm'
import type { JsonObject } from '#kernel'

/** A graph with a configuration of its own (contract 2.1). Every graph has one made by the system. */
@Entity('assistants')
export class Assistant {
  @PrimaryColumn('uuid', { name: 'assistant_id' })
  assistantId: string

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

  /** From 1. */
  @Column('integer')
  version: number

  @Column('timestamptz', { name: 'created_at' })
  createdAt: Date

  @Column('timestamptz', { name: 'updated_at' })
  updatedAt: Date
}

/** The same as plain data, which may be copied. */
export type AssistantFields = { [Field in keyof Assistant]: Assistant[Field] }
