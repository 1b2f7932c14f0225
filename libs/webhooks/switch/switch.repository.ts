import { Injectable } from '@nestjs/common'
import type { Queryable } from '#database'
import { READ_SWITCH } from './switch.sql.js'

/** The run-time switch: one row (webhooks contract section 6). */
@Injectable()
export class SwitchRepository {
  /** Whether webhooks are switched off. */
  async isOff(db: Queryable): Promise<boolean> {
    const { rows } = await db.query<{ disabled: boolean }>(READ_SWITCH)
    return rows[0]?.disabled ?? false
  }
}
