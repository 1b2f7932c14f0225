import { IsArray, IsIn, IsOptional } from 'class-validator'
import { IsLimit, IsOffset } from '#http'
import { CRON_SORT_FIELDS, type CronOrder } from '../cron-filter.js'
import { CRON_FIELDS } from '../cron-wire.js'
import { CountCronsDto } from './count-crons.dto.js'

/** Body of `POST /runs/crons/search` (contract 8.5). */
export class SearchCronsDto extends CountCronsDto {
  /** Rows on a page; default 10. */
  @IsLimit()
  limit?: number | null

  /** Rows to skip; default 0. */
  @IsOffset()
  offset?: number | null

  /** Default `created_at`; what has no such time comes last. */
  @IsOptional()
  @IsIn(CRON_SORT_FIELDS)
  sort_by?: CronOrder['by'] | null

  /** Default `desc`. */
  @IsOptional()
  @IsIn(['asc', 'desc'])
  sort_order?: CronOrder['direction'] | null

  /** Fields of the answer; all when absent. */
  @IsOptional()
  @IsArray()
  @IsIn(CRON_FIELDS, { each: true })
  select?: string[] | null
}
