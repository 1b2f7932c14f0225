import { IsArray, IsIn, IsOptional } from 'class-validator'
import { IsLimit, IsOffset } from '#http'
import { ASSISTANT_SORT_FIELDS, type AssistantOrder } from '../assistant-filter.js'
import { ASSISTANT_FIELDS } from '../assistant-wire.js'
import { CountAssistantsDto } from './count-assistants.dto.js'

/** Body of `POST /assistants/search` (contract 3.6). */
export class SearchAssistantsDto extends CountAssistantsDto {
  /** Rows on a page; default 10. */
  @IsLimit()
  limit?: number | null

  /** Rows to skip; default 0. */
  @IsOffset()
  offset?: number | null

  /** Default `created_at`. */
  @IsOptional()
  @IsIn(ASSISTANT_SORT_FIELDS)
  sort_by?: AssistantOrder['by'] | null

  /** Default `desc`. */
  @IsOptional()
  @IsIn(['asc', 'desc'])
  sort_order?: AssistantOrder['direction'] | null

  /** Fields of the answer; all when absent. */
  @IsOptional()
  @IsArray()
  @IsIn(ASSISTANT_FIELDS, { each: true })
  select?: string[] | null
}
