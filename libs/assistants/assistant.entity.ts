import { Column, Entity, PrimaryColumn } from 'typeorm'
import { AssistantContent } from './assistant-content.js'

/** A graph with a configuration of its own (contract 2.1). Every graph has one made by the system. */
@Entity('assistants')
export class Assistant extends AssistantContent {
  @PrimaryColumn('uuid', { name: 'assistant_id' })
  assistantId: string

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
