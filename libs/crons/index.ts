import { Cron } from './cron.entity.js'

export { CronScheduler } from './cron-scheduler.js'
export { CronsModule } from './crons.module.js'

/** The tables of this room as TypeORM knows them. */
export const CRON_ENTITIES = [Cron]
