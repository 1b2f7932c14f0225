import { Column, Entity, PrimaryColumn } from 'typeorm'
import type { JsonObject } from '#kernel'

/** What an assistant was in one of its versions (contract 2.1). Never changes. */
@Entity('assistant_versions')
export class AssistantVersion {
  @PrimaryColumn('uuid', { name: 'assistant_id' })
  assistantId: string

  /** From 1. */
  @PrimaryColumn('integer')
  version: number

  @Column('text', { name: 'graph_id' })
  graphId: string

  @Column('text')
  name: string

  @Column('text', { nullable: true })
  description: string | null

  @Column('jsonb')
  config: JsonObject

  @Column('jsonb')
  context: JsonObject

  @Column('jsonb')
  metadata: JsonObject

  @Column('timestamptz', { name: 'created_at' })
  createdAt: Date
}

/** The same as plain data, which may be copied. */
export type AssistantVersionFields = { [Field in keyof AssistantVersion]: AssistantVersion[Field] }
