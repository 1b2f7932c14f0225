import { Column, Entity, PrimaryColumn } from 'typeorm'
import { AssistantContent } from './assistant-content.js'

/** What an assistant was in one of its versions (contract 2.1). Never changes. */
@Entity('assistant_versions')
export class AssistantVersion extends AssistantContent {
  @PrimaryColumn('uuid', { name: 'assistant_id' })
  assistantId: string

  /** From 1. */
  @PrimaryColumn('integer')
  version: number

  @Column('timestamptz', { name: 'created_at' })
  createdAt: Date
}

/** The same as plain data, which may be copied. */
export type AssistantVersionFields = { [Field in keyof AssistantVersion]: AssistantVersion[Field] }
