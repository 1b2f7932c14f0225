import { ArrayMaxSize, IsArray, IsIn, IsOptional, IsString } from 'class-validator'
import { THREAD_TTL_STRATEGIES, type ThreadTtl } from '#config'

/** Most threads of one request. */
const MAX_THREADS = 1_000

/** Body of `POST /threads/prune` (contract 4.8). */
export class PruneThreadsDto {
  /** UUIDs. */
  @IsString({ each: true })
  @ArrayMaxSize(MAX_THREADS)
  @IsArray()
  thread_ids: string[]

  /** Default `delete`. */
  @IsOptional()
  @IsIn(THREAD_TTL_STRATEGIES)
  strategy?: ThreadTtl['strategy'] | null
}
