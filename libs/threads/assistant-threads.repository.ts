import { Injectable } from '@nestjs/common'
import type { Queryable } from '#database'
import { toJsonb } from '#kernel'

/** Which part of an assistant's threads to read. */
export interface AssistantThreadPage {
  readonly assistantId: string
  /** Null begins with the lowest id. */
  readonly afterId: string | null
  readonly limit: number
}

/** The threads of the table `threads` that belong to an assistant by their metadata. */
@Injectable()
export class AssistantThreadsRepository {
  /** Their ids in order, temporary threads too. */
  async ids(q: Queryable, { assistantId, afterId, limit }: AssistantThreadPage): Promise<string[]> {
    const { rows } = await q.query<{ thread_id: string }>(
      `SELECT thread_id FROM threads WHERE metadata @> $1::jsonb AND ($2::uuid IS NULL OR thread_id > $2)
       ORDER BY thread_id LIMIT $3`,
      [toJsonb({ assistant_id: assistantId }), afterId, limit],
    )
    return rows.map((row) => row.thread_id)
  }
}
